package dev.iptunnel.tunnel;

import java.net.InetAddress;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What an IpTunnel asks for, resolved as far as the object alone allows.
 *
 * @param mark names the object and its manager
 * @param created when the object was created: if two objects want the same thing, the older one gets it
 * @param remote the outer destination; unspecified = any
 * @param parent the name of the interface that the tunnel is bound to
 * @param vrf the name of the VRF that the interface is put into; empty = it stays where it is
 * @param mtu an override in bytes; empty = derived from the outer path
 * @param addresses the inner addresses, in the order of the object
 * @param routes through the tunnel, in the order of the object
 * @param withdrawable those of the routes that go while packets cannot pass
 * @param reversePathFilter empty = left alone
 * @param allowIsolation whether routes and addresses are allowed that could cut the node off
 * @param fallbackPolicy what happens to the tunnel while a device for all remotes carries packets that it would take over
 * @param up whether the interface is set up or down
 * @param paused whether the agent changes nothing
 * @param probe empty = it is not asked whether the peer answers
 */
public record DesiredTunnel(
        Mark mark,
        Instant created,
        String interfaceName,
        TunnelMode mode,
        LocalAddress local,
        InetAddress remote,
        Optional<String> parent,
        Optional<String> vrf,
        OuterHeader outerHeader,
        OptionalInt mtu,
        List<InnerAddress> addresses,
        List<InnerRoute> routes,
        List<InnerRoute> withdrawable,
        Optional<ReversePathFilter> reversePathFilter,
        AdoptionPolicy adoptionPolicy,
        boolean allowIsolation,
        FallbackPolicy fallbackPolicy,
        boolean up,
        boolean paused,
        Optional<ProbeSettings> probe) {
    private static final Comparator<DesiredTunnel> BY_AGE = Comparator.comparing(DesiredTunnel::created)
            .thenComparing(tunnel -> tunnel.mark().uid());

    public DesiredTunnel {
        addresses = List.copyOf(addresses);
        routes = List.copyOf(routes);
        withdrawable = List.copyOf(withdrawable);
    }

    /** The parameters for the driver, when the local address and the parent's ifindex (0 = none) are known. */
    public TunnelParameters parameters(InetAddress resolvedLocal, int parentIndex) {
        return new TunnelParameters(
                mode.driver(),
                mode.protocol(),
                resolvedLocal,
                remote,
                parentIndex,
                outerHeader.ttl(),
                outerHeader.tos(),
                outerHeader.pathMtuDiscovery(),
                outerHeader.encapsulationLimit(),
                outerHeader.flowLabel());
    }

    /** The same in that VRF. */
    public DesiredTunnel in(String otherVrf) {
        return with(mark, created, Optional.of(otherVrf), routes, withdrawable, probe);
    }

    /** The same of another object. */
    public DesiredTunnel of(Mark otherMark, Instant otherCreated) {
        return with(otherMark, otherCreated, vrf, routes, withdrawable, probe);
    }

    /** The same without the routes that go while packets cannot pass. */
    public DesiredTunnel withdrawn() {
        List<InnerRoute> staying =
                routes.stream().filter(route -> !withdrawable.contains(route)).toList();
        return with(mark, created, vrf, staying, withdrawable, probe);
    }

    /** The routes that are missing because packets cannot pass. */
    public List<InnerRoute> missingRoutes() {
        return withdrawable.stream().filter(route -> !routes.contains(route)).toList();
    }

    /** The same, probed as another, and with routes that go when those of the other do. */
    public DesiredTunnel probedAs(DesiredTunnel other) {
        List<InnerRoute> going = routes.stream()
                .filter(route -> other.withdrawable.stream().anyMatch(route::isSameEntryAs))
                .toList();
        return with(mark, created, vrf, routes, going, other.probe);
    }

    private DesiredTunnel with(
            Mark otherMark,
            Instant otherCreated,
            Optional<String> otherVrf,
            List<InnerRoute> otherRoutes,
            List<InnerRoute> otherWithdrawable,
            Optional<ProbeSettings> otherProbe) {
        return new DesiredTunnel(
                otherMark,
                otherCreated,
                interfaceName,
                mode,
                local,
                remote,
                parent,
                otherVrf,
                outerHeader,
                mtu,
                addresses,
                otherRoutes,
                otherWithdrawable,
                reversePathFilter,
                adoptionPolicy,
                allowIsolation,
                fallbackPolicy,
                up,
                paused,
                otherProbe);
    }

    /** The destinations of its routes, and of the routes that the kernel adds for its addresses. */
    public Stream<IpPrefix> destinations() {
        return Stream.concat(addresses.stream().flatMap(address -> address.routes().stream()), routes.stream())
                .map(InnerRoute::destination)
                .distinct();
    }

    /**
     * Its routes, and the routes to the networks of its addresses, as the kernel holds them while the interface is up.
     *
     * @param vrfTable the table of the VRF that the interface is a port of
     */
    public List<InnerRoute> innerRoutes(OptionalLong vrfTable) {
        Stream<InnerRoute> networks = addresses.stream()
                .flatMap(address -> address.routes().stream())
                .filter(route -> route.table() == InnerRoute.MAIN_TABLE
                        && !route.destination().isHost());
        return up
                ? Stream.concat(routes.stream(), networks)
                        .map(route -> route.in(vrfTable))
                        .distinct()
                        .toList()
                : List.of();
    }

    /** The name of the interface that the local address is taken from. */
    public Optional<String> localSource() {
        return local instanceof LocalAddress.OfInterface(String name) ? Optional.of(name) : Optional.empty();
    }

    /** Whether this object gets what both want: the older one wins; ties go to the lower UID. */
    public boolean hasPrecedenceOver(DesiredTunnel other) {
        return BY_AGE.compare(this, other) < 0;
    }

    /** Why it has precedence. */
    public String precedenceOver(DesiredTunnel other) {
        return created.equals(other.created) ? "is as old and has the lower UID" : "is older";
    }
}
