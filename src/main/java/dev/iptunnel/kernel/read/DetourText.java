package dev.iptunnel.kernel.read;

import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.netlink.route.RouteType;
import dev.iptunnel.observation.NodeLookup.DetourQuery;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.Mark;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Describes a detour: the route, and what it does with packets. */
record DetourText(KernelReads reads) {

    /** Whether all next hops lead into the tunnel, or into other tunnels of ours. */
    boolean isOfTunnels(DetourQuery query, Route route) {
        List<Integer> interfaces = route.interfaces().boxed().toList();
        return !interfaces.isEmpty() && interfaces.stream().allMatch(index -> index == query.tunnel() || isOurs(index));
    }

    private boolean isOurs(int ifindex) {
        return reads.link(ifindex).flatMap(Link::alias).flatMap(Mark::parse).isPresent();
    }

    /**
     * The route as ip-route(8) prints it.
     *
     * @param table that is not printed
     */
    String route(Route route, long table) {
        long own = Integer.toUnsignedLong(route.table());
        return (route.type() == RouteType.UNICAST ? "" : word(route.type()) + " ")
                + (route.type() == RouteType.LOCAL
                        ? IpFamily.format(route.destination())
                        : ObservedRoutes.destination(route).toString())
                + route.gateway().map(via -> " via " + IpFamily.format(via)).orElse("")
                + (route.oif().isPresent() ? " dev " + name(route.oif().getAsInt()) : "")
                + route.nextHops().stream()
                        .map(hop -> " nexthop"
                                + hop.gateway()
                                        .map(via -> " via " + IpFamily.format(via))
                                        .orElse("") + " dev "
                                + name(hop.oif()))
                        .collect(Collectors.joining())
                + (own == table || own == InnerRoute.LOCAL_TABLE ? "" : " table " + own)
                + (route.metric().orElse(0) == 0
                        ? ""
                        : " metric " + Integer.toUnsignedLong(route.metric().getAsInt()));
    }

    /** What the route does with the packets. */
    String effect(Route route) {
        return switch (route.type()) {
            case LOCAL -> "they stay on the node, whose address that is";
            case BLACKHOLE, UNREACHABLE, PROHIBIT, THROW -> effect(route.type());
            default ->
                "they leave by "
                        + route.interfaces().distinct().mapToObj(this::name).collect(Collectors.joining(" or "));
        };
    }

    static String effect(RouteType type) {
        return type == RouteType.BLACKHOLE ? "they are dropped" : "they are refused";
    }

    static String word(RouteType type) {
        return type.name().toLowerCase(Locale.ROOT);
    }

    private String name(int ifindex) {
        return reads.link(ifindex).map(Link::name).orElse("of ifindex " + ifindex);
    }
}
