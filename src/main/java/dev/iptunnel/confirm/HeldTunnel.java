package dev.iptunnel.confirm;

import dev.iptunnel.observation.Master;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedAddress;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.ObservedRoute;
import dev.iptunnel.observation.RouteDetails;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.LocalAddress;
import dev.iptunnel.tunnel.OuterHeader;
import dev.iptunnel.tunnel.ReversePathFilter;
import dev.iptunnel.tunnel.TunnelMode;
import dev.iptunnel.tunnel.TunnelParameters;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/** What the kernel held of an object's tunnel before a change. */
public sealed interface HeldTunnel {
    /** There was no tunnel of the object, and none that it takes over. */
    record Nothing() implements HeldTunnel {}

    /** There was one, and this asks for it as it was. */
    record Tunnel(DesiredTunnel desired) implements HeldTunnel {}

    /** There was one that no IpTunnel can ask for, so the change cannot be undone. */
    record Inexpressible() implements HeldTunnel {}

    /**
     * What the kernel holds of the tunnel of an object. A tunnel without a mark that has its name is taken over by the change,
     * and counts as well: an undo must not remove what somebody made by hand.
     *
     * @param desired what the object asks for; its fields that the kernel does not hold are kept
     * @param names the name of an interface by its ifindex
     */
    static HeldTunnel of(DesiredTunnel desired, Observation observed, IntFunction<Optional<String>> names) {
        return Stream.concat(observed.named().stream(), observed.strays().stream())
                .filter(link -> link.hasMarkOf(desired)
                        || (link.alias().isEmpty() && link.tunnel().isPresent()))
                .findFirst()
                .map(link ->
                        of(desired, link, names).<HeldTunnel>map(Tunnel::new).orElseGet(Inexpressible::new))
                .orElseGet(Nothing::new);
    }

    private static Optional<DesiredTunnel> of(
            DesiredTunnel desired, ObservedLink link, IntFunction<Optional<String>> names) {
        Optional<TunnelParameters> parameters = link.tunnel();
        Optional<TunnelMode> mode = parameters.flatMap(tunnel -> TunnelMode.of(tunnel.driver(), tunnel.protocol()));
        OptionalInt index = parameters
                .map(TunnelParameters::parent)
                .filter(parent -> parent != 0)
                .map(OptionalInt::of)
                .orElseGet(OptionalInt::empty);
        Optional<String> parent = index.isPresent() ? names.apply(index.getAsInt()) : Optional.empty();
        if (mode.isEmpty() || (index.isPresent() && parent.isEmpty())) {
            return Optional.empty();
        }
        return parameters
                .map(tunnel -> new DesiredTunnel(
                        desired.mark(),
                        desired.created(),
                        link.name(),
                        mode.get(),
                        new LocalAddress.Fixed(tunnel.local()),
                        tunnel.remote(),
                        parent,
                        link.master()
                                .filter(master -> master.vrfTable().isPresent())
                                .map(Master::name),
                        outerHeader(tunnel),
                        OptionalInt.of(link.mtu()),
                        addresses(link, mode.get()),
                        routes(link, mode.get()),
                        List.of(),
                        reversePathFilter(link, mode.get()),
                        desired.adoptionPolicy(),
                        true,
                        desired.fallbackPolicy(),
                        link.up(),
                        false,
                        Optional.empty()))
                .map(tunnel -> tunnel.probedAs(desired));
    }

    private static Optional<ReversePathFilter> reversePathFilter(ObservedLink link, TunnelMode mode) {
        return mode.inner() == IpFamily.IPV4 && link.reversePathFilter().isPresent()
                ? ReversePathFilter.ofNumber(link.reversePathFilter().getAsInt())
                : Optional.empty();
    }

    private static OuterHeader outerHeader(TunnelParameters tunnel) {
        return new OuterHeader(
                tunnel.ttl(),
                OuterHeader.dscp(tunnel.tos()),
                tunnel.pathMtuDiscovery(),
                tunnel.encapsulationLimit(),
                tunnel.flowLabel());
    }

    private static List<InnerAddress> addresses(ObservedLink link, TunnelMode mode) {
        return link.addresses().stream()
                .filter(address -> address.ours() && address.prefix().family() == mode.inner())
                .map(ObservedAddress::address)
                .toList();
    }

    private static List<InnerRoute> routes(ObservedLink link, TunnelMode mode) {
        return link.routes().stream()
                .filter(route -> route.ours()
                        && route.details().kind() == RouteDetails.Kind.UNICAST
                        && route.route().destination().family() == mode.inner())
                .map(ObservedRoute::route)
                .map(route -> link.vrfTable().isPresent()
                                && route.table() == link.vrfTable().getAsLong()
                        ? new InnerRoute(route.destination(), route.gateway(), InnerRoute.MAIN_TABLE, route.metric())
                        : route)
                .toList();
    }
}
