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
 * @param created when the object was made: of two that want the same thing the older has it
 * @param remote the outer destination; unspecified = any
 * @param parent the name of the interface that the tunnel is bound to
 * @param vrf the name of the VRF that the interface is to be a port of; empty = left as it is
 * @param mtu an override in bytes; empty = derived from the outer path
 * @param addresses the inner addresses, in the order of the object
 * @param routes through the tunnel, in the order of the object
 * @param reversePathFilter empty = left alone
 * @param allowIsolation lets routes and addresses through that could cut the node off
 * @param fallbackPolicy what becomes of it while a device for all remotes carries packets that it would take
 * @param up whether the interface is to be up
 * @param paused nothing is to be changed
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
        Optional<ReversePathFilter> reversePathFilter,
        AdoptionPolicy adoptionPolicy,
        boolean allowIsolation,
        FallbackPolicy fallbackPolicy,
        boolean up,
        boolean paused) {
    private static final Comparator<DesiredTunnel> BY_AGE = Comparator.comparing(DesiredTunnel::created)
            .thenComparing(tunnel -> tunnel.mark().uid());

    public DesiredTunnel {
        addresses = List.copyOf(addresses);
        routes = List.copyOf(routes);
    }

    /** What the driver is to be told, once the local address and the parent's ifindex (0 = none) are known. */
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
        return new DesiredTunnel(
                mark,
                created,
                interfaceName,
                mode,
                local,
                remote,
                parent,
                Optional.of(otherVrf),
                outerHeader,
                mtu,
                addresses,
                routes,
                reversePathFilter,
                adoptionPolicy,
                allowIsolation,
                fallbackPolicy,
                up,
                paused);
    }

    /** What its routes, and those that the kernel makes of its addresses, lead to. */
    public Stream<IpPrefix> destinations() {
        return Stream.concat(addresses.stream().flatMap(address -> address.routes().stream()), routes.stream())
                .map(InnerRoute::destination)
                .distinct();
    }

    /**
     * Its routes, and those to the networks of its addresses, as the kernel holds them while it is up.
     *
     * @param vrfTable of the VRF that the interface is a port of
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

    /** The interface that the local address is taken from. */
    public Optional<String> localSource() {
        return local instanceof LocalAddress.OfInterface(String name) ? Optional.of(name) : Optional.empty();
    }

    /** Whether this one has what both want: it is older, or as old and of the lesser UID. */
    public boolean hasPrecedenceOver(DesiredTunnel other) {
        return BY_AGE.compare(this, other) < 0;
    }

    /** Why it has precedence. */
    public String precedenceOver(DesiredTunnel other) {
        return created.equals(other.created) ? "is as old and has the lesser UID" : "is older";
    }
}
