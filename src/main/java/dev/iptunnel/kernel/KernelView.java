package dev.iptunnel.kernel;

import dev.iptunnel.netlink.Link;
import dev.iptunnel.netlink.NetlinkException;
import dev.iptunnel.netlink.Route;
import dev.iptunnel.netlink.RouteType;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.Observation;
import dev.iptunnel.tunnel.Observation.Device;
import dev.iptunnel.tunnel.Observation.OuterPath;
import dev.iptunnel.tunnel.ObservedLink;
import dev.iptunnel.tunnel.TunnelDriver;
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

    KernelView(Rtnetlink rtnetlink) {
        this.rtnetlink = rtnetlink;
    }

    Observation observe(DesiredTunnel desired) {
        try {
            Optional<ObservedLink> named = byName(desired.interfaceName());
            boolean ours = named.flatMap(ObservedLink::mark)
                    .filter(mark -> isOf(mark, desired.mark()))
                    .isPresent();
            List<ObservedLink> strays = ours
                    ? List.of()
                    : marked(mark -> isOf(mark, desired.mark()))
                            .filter(link -> !link.name().equals(desired.interfaceName()))
                            .toList();
            Optional<ObservedLink> parent = desired.parent().flatMap(this::byName);
            return new Observation(named, strays, parent, path(desired, parent));
        } catch (NetlinkException e) {
            throw KernelErrors.reading(desired.interfaceName(), e);
        }
    }

    /** Names of objects are unique: a mark of the same name is the object's own, or its predecessor's. */
    private static boolean isOf(Mark mark, Mark desired) {
        return mark.isOf(desired.manager()) && mark.name().equals(desired.name());
    }

    Optional<ObservedLink> byName(String name) {
        return rtnetlink.link(name).map(this::withAddresses);
    }

    Stream<ObservedLink> marked(Predicate<Mark> wanted) {
        return Arrays.stream(TunnelDriver.values())
                .flatMap(driver -> rtnetlink.links(driver.kind()).stream())
                .filter(link -> link.alias().flatMap(Mark::parse).filter(wanted).isPresent())
                .map(this::withAddresses);
    }

    private ObservedLink withAddresses(Link link) {
        return ObservedLinks.of(link, rtnetlink.addresses(link.index()));
    }

    private OuterPath path(DesiredTunnel desired, Optional<ObservedLink> parent) {
        OptionalInt oif = parent.map(link -> OptionalInt.of(link.index())).orElseGet(OptionalInt::empty);
        Optional<Device> device = isAny(desired.remote())
                ? Optional.empty()
                : rtnetlink
                        .route(desired.remote(), oif)
                        .filter(route -> route.type() == RouteType.UNICAST || route.type() == RouteType.LOCAL)
                        .flatMap(this::device);
        boolean localPresent = isAny(desired.local())
                || rtnetlink
                        .route(desired.local(), OptionalInt.empty())
                        .filter(route -> route.type() == RouteType.LOCAL)
                        .isPresent();
        return new OuterPath(device, localPresent);
    }

    private Optional<Device> device(Route route) {
        return route.oif().isEmpty()
                ? Optional.empty()
                : rtnetlink.link(route.oif().getAsInt()).map(link -> new Device(link.index(), link.name(), link.mtu()));
    }

    private static boolean isAny(InetAddress address) {
        return address.isAnyLocalAddress();
    }
}
