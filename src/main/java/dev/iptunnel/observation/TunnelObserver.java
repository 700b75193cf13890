package dev.iptunnel.observation;

import dev.iptunnel.observation.NodeLookup.DetourQuery;
import dev.iptunnel.observation.NodeLookup.NodeLink;
import dev.iptunnel.observation.NodeLookup.OuterQuery;
import dev.iptunnel.observation.NodeLookup.OuterRoute;
import dev.iptunnel.observation.Observation.Carrier;
import dev.iptunnel.observation.Observation.Device;
import dev.iptunnel.observation.Observation.OuterPath;
import dev.iptunnel.observation.ObservedAddress.AddressFlag;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelParameters;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Puts an {@link Observation} together: it decides what to look up for a desired tunnel. */
public final class TunnelObserver {
    private final NodeLookup node;

    public TunnelObserver(NodeLookup node) {
        this.node = node;
    }

    /** The observation, with the surroundings if they matter. */
    public Observation observe(DesiredTunnel desired) {
        Observation observed = withoutSurroundings(desired);
        return observed.wanted(desired)
                .filter(_ -> surroundingsMatter(desired, observed))
                .map(wanted -> observed.toBuilder()
                        .surroundings(node.surroundings(desired, wanted, observed))
                        .build())
                .orElse(observed);
    }

    /** The observation without surroundings; empty if the tunnel is missing or they matter: then the kernel is asked. */
    public Optional<Observation> recall(DesiredTunnel desired) {
        if (node.link(desired.interfaceName()).isEmpty()) {
            return Optional.empty();
        }
        Observation observed = withoutSurroundings(desired);
        return surroundingsMatter(desired, observed) ? Optional.empty() : Optional.of(observed);
    }

    private boolean surroundingsMatter(DesiredTunnel desired, Observation observed) {
        return observed.needsSurroundings(desired) || node.isEndangeredBy(desired, observed);
    }

    /** The surroundings contain only the uses of the fallback device. */
    private Observation withoutSurroundings(DesiredTunnel desired) {
        Observation links = links(desired);
        return links.wanted(desired)
                .map(parameters -> links.toBuilder()
                        .path(path(parameters, links.named()))
                        .surroundings(Surroundings.ofFallback(node.fallbackUses(parameters.endpoints())))
                        .build())
                .map(observed ->
                        observed.toBuilder().detours(detours(desired, observed)).build())
                .orElse(links);
    }

    private Observation links(DesiredTunnel desired) {
        Optional<ObservedLink> named = node.link(desired.interfaceName()).map(link -> inFull(link, desired));
        boolean ours = named.filter(link -> link.hasMarkOf(desired)).isPresent();
        List<ObservedLink> strays = ours
                ? List.of()
                : node.tunnelsOf(desired.mark())
                        .map(link -> inFull(link, desired))
                        .toList();
        Optional<NodeLink> parent = desired.parent().flatMap(node::link);
        return Observation.builder()
                .named(named)
                .strays(strays)
                .parent(parent.map(NodeLink::link))
                .parentNames(parent.map(NodeLink::names).orElse(Set.of()))
                .localSource(localSource(desired))
                .renamesUp(node.renamesUp())
                .setsInet6Conf(desired.mode().inner() == IpFamily.IPV6 && node.setsInet6Conf())
                .vrf(desired.vrf().flatMap(node::master))
                .build();
    }

    /** Routes of both families are read only if another object may have left some of the other family. */
    private static ObservedLink inFull(NodeLink link, DesiredTunnel desired) {
        boolean marked = link.link().alias().equals(desired.mark().toString());
        return link.inFull(marked ? EnumSet.of(desired.mode().inner()) : EnumSet.allOf(IpFamily.class));
    }

    /** The address that the kernel uses for packets to the remote, and that of the route, are flagged. */
    private Optional<ObservedLink> localSource(DesiredTunnel desired) {
        return desired.localSource().flatMap(node::link).map(source -> {
            OuterRoute route = node.outerRoute(new OuterQuery(
                    desired.mode().outer().any(),
                    desired.remote(),
                    OptionalInt.of(source.link().index())));
            return source.withAddresses()
                    .flagging(route.source(), AddressFlag.PREFERRED)
                    .flagging(route.routeSource(), AddressFlag.OF_ROUTE);
        });
    }

    /** While a route of the tunnel is missing, packets that take another route are no detour. */
    private List<Detour> detours(DesiredTunnel desired, Observation observed) {
        return observed.needsSurroundings(desired)
                ? List.of()
                : observed.named()
                        .map(link -> new DetourQuery(
                                link.index(), vrf(link), link.vrfTable(), desired.innerRoutes(link.vrfTable())))
                        .map(node::detours)
                        .orElse(List.of());
    }

    private static OptionalInt vrf(ObservedLink link) {
        return link.master().stream()
                .filter(master -> master.vrfTable().isPresent())
                .mapToInt(Master::index)
                .findFirst();
    }

    /**
     * How the outer packets of these parameters leave the node.
     *
     * @param own the tunnel itself, if it exists
     */
    public OuterPath path(TunnelParameters wanted, Optional<ObservedLink> own) {
        OuterRoute route = node.outerRoute(OuterQuery.of(wanted));
        List<Carrier> carriers = new ArrayList<>();
        Set<Integer> passed = new HashSet<>();
        own.map(ObservedLink::index).ifPresent(passed::add);
        Optional<NodeLink> first = link(route.device());
        Optional<NodeLink> next = first;
        boolean loops = false;
        while (next.isPresent() && !loops) {
            ObservedLink link = next.get().link();
            loops = !passed.add(link.index());
            Optional<TunnelParameters> carrier = loops ? Optional.empty() : carrierOf(next.get());
            carrier.map(tunnel -> new Carrier(link.name(), tunnel.remote(), tunnel.isBoundToParent()))
                    .ifPresent(carriers::add);
            next = carrier.flatMap(
                    tunnel -> link(node.outerRoute(OuterQuery.of(tunnel)).device()));
        }
        return new OuterPath(first.map(TunnelObserver::device), route.localPresent(), carriers, loops);
    }

    /** How the node's own packets to an address leave it. */
    public EgressPath egress(InetAddress destination) {
        OuterRoute route =
                node.outerRoute(new OuterQuery(IpFamily.of(destination).any(), destination, OptionalInt.empty()));
        List<String> devices = new ArrayList<>();
        Optional<NodeLink> next = link(route.device());
        while (next.isPresent() && !devices.contains(next.get().link().name())) {
            devices.add(next.get().link().name());
            next = carrierOf(next.get())
                    .flatMap(tunnel ->
                            link(node.outerRoute(OuterQuery.of(tunnel)).device()));
        }
        return new EgressPath(destination, devices, route.source());
    }

    /** The parameters of a tunnel that sends all its packets to one remote, in this network namespace. */
    private static Optional<TunnelParameters> carrierOf(NodeLink found) {
        return found.link().tunnel().filter(_ -> !found.sendsElsewhere()).filter(tunnel -> !tunnel.remote()
                .isAnyLocalAddress());
    }

    private Optional<NodeLink> link(OptionalInt index) {
        return index.isEmpty() ? Optional.empty() : node.link(index.getAsInt());
    }

    private static Device device(NodeLink found) {
        ObservedLink link = found.link();
        return new Device(link.index(), link.name(), link.mtu());
    }
}
