package dev.iptunnel.kernel;

import dev.iptunnel.netlink.AddressFamily;
import dev.iptunnel.netlink.Link;
import dev.iptunnel.netlink.NetlinkException;
import dev.iptunnel.netlink.Route;
import dev.iptunnel.netlink.RouteFilter;
import dev.iptunnel.netlink.RouteType;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.Observation;
import dev.iptunnel.tunnel.Observation.Device;
import dev.iptunnel.tunnel.Observation.OuterPath;
import dev.iptunnel.tunnel.ObservedLink;
import dev.iptunnel.tunnel.Surroundings;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelParameters;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Reads by rtnetlink what bears on a tunnel; a dump only where a single look-up does not do. */
final class KernelView {
    private final Rtnetlink rtnetlink;
    private final SurroundingsView surroundings;

    KernelView(Rtnetlink rtnetlink, SurroundingsView surroundings) {
        this.rtnetlink = rtnetlink;
        this.surroundings = surroundings;
    }

    Observation observe(DesiredTunnel desired) {
        try {
            Observation links = links(desired);
            Optional<TunnelParameters> wanted = links.wanted(desired);
            return wanted.map(parameters -> links.with(
                            path(parameters),
                            links.needsSurroundings(desired)
                                    ? surroundings.observe(desired, parameters, links)
                                    : Surroundings.NONE))
                    .orElse(links);
        } catch (NetlinkException e) {
            throw KernelErrors.reading(desired.interfaceName(), e);
        }
    }

    private Observation links(DesiredTunnel desired) {
        Optional<ObservedLink> named = rtnetlink
                .link(desired.interfaceName())
                .map(link -> ObservedLinks.of(link, rtnetlink.addresses(link.index()), routes(link, desired)));
        Predicate<Mark> isOf = Observation.isOf(desired.mark());
        boolean ours = named.flatMap(ObservedLink::mark).filter(isOf).isPresent();
        List<ObservedLink> strays = ours
                ? List.of()
                : marked(isOf)
                        .filter(link -> !link.name().equals(desired.interfaceName()))
                        .toList();
        Optional<ObservedLink> parent = desired.parent().flatMap(this::byName);
        Optional<ObservedLink> localSource = desired.localSource()
                .flatMap(rtnetlink::link)
                .map(link -> ObservedLinks.of(link, rtnetlink.addresses(link.index()), List.of()));
        return new Observation(named, strays, parent, localSource, OuterPath.UNKNOWN, Surroundings.NONE);
    }

    /** Without addresses and routes, as are those of {@link #marked}. */
    Optional<ObservedLink> byName(String name) {
        return rtnetlink.link(name).map(ObservedLinks::of);
    }

    Stream<ObservedLink> marked(Predicate<Mark> wanted) {
        return Arrays.stream(TunnelDriver.values())
                .flatMap(driver -> rtnetlink.links(driver.kind()).stream())
                .filter(link -> link.alias().flatMap(Mark::parse).filter(wanted).isPresent())
                .map(ObservedLinks::of);
    }

    /** Of both families only where another object may have left some of the other one. */
    private List<Route> routes(Link link, DesiredTunnel desired) {
        AddressFamily inner = desired.mode().inner() == IpFamily.IPV4 ? AddressFamily.IPV4 : AddressFamily.IPV6;
        boolean marked = link.alias().equals(Optional.of(desired.mark().toString()));
        return Arrays.stream(AddressFamily.values())
                .filter(family -> link.tunnel().isPresent() && (family == inner || !marked))
                .flatMap(family -> rtnetlink.routes(RouteFilter.of(family).withOif(link.index())).stream())
                .toList();
    }

    private OuterPath path(TunnelParameters wanted) {
        OptionalInt oif = wanted.parent() == 0 ? OptionalInt.empty() : OptionalInt.of(wanted.parent());
        boolean anyLocal = wanted.local().isAnyLocalAddress();
        boolean localPresent = anyLocal || isLocal(wanted.local(), OptionalInt.empty()) || isLocal(wanted.local(), oif);
        Optional<InetAddress> source = localPresent && !anyLocal ? Optional.of(wanted.local()) : Optional.empty();
        Optional<Device> device = wanted.remote().isAnyLocalAddress()
                ? Optional.empty()
                : route(source, wanted.remote(), oif)
                        .filter(route -> route.type() == RouteType.UNICAST || route.type() == RouteType.LOCAL)
                        .flatMap(this::device);
        return new OuterPath(device, localPresent);
    }

    /** @param oif a member of a VRF: its addresses are in the VRF's table alone */
    private boolean isLocal(InetAddress address, OptionalInt oif) {
        return rtnetlink
                .route(address, oif)
                .filter(route -> route.type() == RouteType.LOCAL)
                .isPresent();
    }

    private Optional<Route> route(Optional<InetAddress> source, InetAddress remote, OptionalInt oif) {
        return source.map(address -> rtnetlink.routeFrom(address, remote, oif))
                .orElseGet(() -> rtnetlink.route(remote, oif));
    }

    private Optional<Device> device(Route route) {
        return route.oif().isEmpty()
                ? Optional.empty()
                : rtnetlink.link(route.oif().getAsInt()).map(link -> new Device(link.index(), link.name(), link.mtu()));
    }
}
