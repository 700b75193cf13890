package dev.iptunnel.kernel.read;

import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.route.Address;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.netlink.route.RouteFilter;
import dev.iptunnel.netlink.route.RouteType;
import dev.iptunnel.observation.Detour;
import dev.iptunnel.observation.NodeLookup.DetourQuery;
import dev.iptunnel.observation.NodeLookup.OuterQuery;
import dev.iptunnel.observation.NodeLookup.OuterRoute;
import dev.iptunnel.tunnel.Endpoints;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelParameters;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads from the kernel each time. */
public record DirectReads(Rtnetlink rtnetlink) implements KernelReads {
    @Override
    public Optional<Link> link(String name) {
        return rtnetlink.link(name);
    }

    @Override
    public Optional<Link> link(int index) {
        return rtnetlink.link(index);
    }

    @Override
    public List<Link> links(TunnelDriver driver) {
        return rtnetlink.links(driver.kind());
    }

    /** Of a list of all: its kinds are the only thing that the kernel filters tunnels by. */
    @Override
    public List<Link> marked(Mark object) {
        return Arrays.stream(TunnelDriver.values())
                .flatMap(driver -> links(driver).stream())
                .filter(link -> isMarked(link, object))
                .toList();
    }

    /** Whether it carries a mark of that object, or of one of the same name. */
    public static boolean isMarked(Link link, Mark object) {
        return !FallbackDevices.isFallback(link)
                && link.alias()
                        .flatMap(Mark::parse)
                        .filter(mark -> mark.isOfSameName(object))
                        .isPresent();
    }

    /** Of a list of the driver's, as {@link #marked} is. */
    @Override
    public List<Link> holders(Endpoints endpoints) {
        return links(endpoints.driver()).stream()
                .filter(link -> isHolder(link, endpoints))
                .toList();
    }

    /** Whether its endpoints are these. */
    public static boolean isHolder(Link link, Endpoints endpoints) {
        return endpointsOf(link).equals(Optional.of(endpoints));
    }

    /** Empty of one that is no tunnel. */
    public static Optional<Endpoints> endpointsOf(Link link) {
        return ObservedLinks.of(link).tunnel().map(TunnelParameters::endpoints);
    }

    @Override
    public List<Link> forAllRemotes(TunnelDriver driver) {
        return links(driver).stream().filter(FallbackDevices::isForAllRemotes).toList();
    }

    @Override
    public List<Address> addresses(int ifindex) {
        return rtnetlink.addresses(ifindex);
    }

    @Override
    public List<Route> routes(AddressFamily family, int oif) {
        return rtnetlink.routes(RouteFilter.of(family).withOif(oif));
    }

    @Override
    public OuterRoute outerRoute(OuterQuery query) {
        boolean anyLocal = query.local().isAnyLocalAddress();
        boolean localPresent =
                anyLocal || isLocal(query.local(), OptionalInt.empty()) || isLocal(query.local(), query.oif());
        Optional<Route> route = query.remote().isAnyLocalAddress()
                ? Optional.empty()
                : route(query, localPresent && !anyLocal)
                        .filter(found -> found.type() == RouteType.UNICAST || found.type() == RouteType.LOCAL);
        return new OuterRoute(
                route.map(Route::oif).orElse(OptionalInt.empty()),
                localPresent,
                route.filter(_ -> anyLocal).flatMap(Route::preferredSource),
                route.filter(_ -> anyLocal && IpFamily.of(query.remote()) == IpFamily.IPV6)
                        .flatMap(_ -> rtnetlink.matchedRoute(query.remote(), query.oif()))
                        .flatMap(Route::preferredSource));
    }

    @Override
    public List<Detour> detours(DetourQuery query) {
        ForeignRoutes foreign = new ForeignRoutes();
        foreign.follow(ForeignRoutes.destinations(query));
        foreign.read(rtnetlink);
        return new DetourSearch(rtnetlink, this).detours(query, foreign.routes());
    }

    @Override
    public OptionalInt reversePathFilterOfAll() {
        return rtnetlink.reversePathFilterOfAll();
    }

    /** Whether no tunnel with a mark has the source, an address of the node, or the packets from it to the destination. */
    public boolean leavesOutsideTunnels(InetAddress source, InetAddress destination) {
        List<Address> sources = rtnetlink.addresses().stream()
                .filter(address -> address.address().equals(source))
                .toList();
        return !sources.isEmpty()
                && sources.stream().map(Address::ifindex).noneMatch(this::hasMark)
                && rtnetlink
                        .routeFrom(source, destination, OptionalInt.empty())
                        .filter(route -> route.interfaces().noneMatch(this::hasMark))
                        .isPresent();
    }

    private boolean hasMark(int ifindex) {
        return link(ifindex).flatMap(Link::alias).flatMap(Mark::parse).isPresent();
    }

    /** @param oif a port of the VRF, where the address is one of a VRF: it is in the VRF's table only */
    private boolean isLocal(InetAddress address, OptionalInt oif) {
        return rtnetlink
                .route(address, oif)
                .filter(route -> route.type() == RouteType.LOCAL)
                .isPresent();
    }

    /** Drivers look up the route with the local address as source, which the kernel refuses where no interface has it. */
    private Optional<Route> route(OuterQuery query, boolean withSource) {
        return withSource
                ? rtnetlink.routeFrom(query.local(), query.remote(), query.oif())
                : rtnetlink.route(query.remote(), query.oif());
    }
}
