package dev.iptunnel.kernel.linux;

import dev.iptunnel.kernel.read.ObservedRoutes;
import dev.iptunnel.netlink.route.DeviceRoute;
import dev.iptunnel.netlink.route.RouteSelector;
import dev.iptunnel.netlink.route.RouteType;
import dev.iptunnel.observation.ConnectedRoute;
import dev.iptunnel.observation.RouteDetails;
import dev.iptunnel.plan.Operation.AddConnectedRoute;
import dev.iptunnel.plan.Operation.DeleteRoute;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpPrefix;
import java.util.Optional;

/** The routes of a plan's operations, as rtnetlink takes them. */
final class DeviceRoutes {
    private DeviceRoutes() {}

    static DeviceRoute of(AddConnectedRoute add) {
        ConnectedRoute route = add.route();
        return new DeviceRoute(
                route.destination().address(),
                route.destination().length(),
                add.index(),
                Optional.empty(),
                (int) route.table(),
                (int) route.metric(),
                ObservedRoutes.KERNEL_PROTOCOL,
                type(route.kind()),
                route.preferredSource(),
                RouteSelector.ALL);
    }

    /** A route with several next hops, or with a next hop object, is deleted as a whole. */
    static DeviceRoute of(DeleteRoute delete) {
        InnerRoute route = delete.route();
        RouteDetails details = delete.details();
        return new DeviceRoute(
                route.destination().address(),
                route.destination().length(),
                details.single() ? delete.index() : 0,
                details.single() ? route.gateway() : Optional.empty(),
                (int) route.table(),
                (int) route.metric(),
                ObservedRoutes.PROTOCOL,
                type(details.kind()),
                Optional.empty(),
                new RouteSelector(
                        details.from().map(IpPrefix::address),
                        details.from().map(IpPrefix::length).orElse(0),
                        details.tos()));
    }

    /** Without a type, the kernel deletes a route of any type. */
    private static RouteType type(RouteDetails.Kind kind) {
        return switch (kind) {
            case LOCAL -> RouteType.LOCAL;
            case BROADCAST -> RouteType.BROADCAST;
            case UNICAST -> RouteType.UNICAST;
            case OTHER -> RouteType.UNSPEC;
        };
    }

    static DeviceRoute of(InnerRoute route, int ifindex) {
        return new DeviceRoute(
                route.destination().address(),
                route.destination().length(),
                ifindex,
                route.gateway(),
                (int) route.table(),
                (int) route.metric(),
                ObservedRoutes.PROTOCOL);
    }
}
