package dev.iptunnel.kernel.read;

import dev.iptunnel.kernel.read.DefaultRoutes.Way;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.route.Address;
import dev.iptunnel.observation.NodeLookup.OuterQuery;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.Surroundings.Guard;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.Mark;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The networks that a node must reach whatever tunnels it has, each with the reason. */
public final class Guards {
    private final List<IpPrefix> protectedNetworks;
    private volatile Set<InetAddress> apiServer;

    /**
     * Guards the API server, and networks of the administrator.
     *
     * @param apiServer the addresses of the API server
     * @param protectedNetworks the networks that the administrator protects
     */
    public Guards(Collection<InetAddress> apiServer, Collection<IpPrefix> protectedNetworks) {
        this.apiServer = Set.copyOf(apiServer);
        this.protectedNetworks = List.copyOf(protectedNetworks);
    }

    /** A guarded network. */
    record Guarded(Guard guard, IpPrefix network) {}

    public Set<InetAddress> apiServer() {
        return apiServer;
    }

    public void apiServer(Set<InetAddress> addresses) {
        apiServer = Set.copyOf(addresses);
    }

    /** The guarded networks of one family. */
    Stream<Guarded> of(IpFamily family, KernelReads reads, Set<Way> ways) {
        List<Way> uplinks =
                ways.stream().filter(way -> !isOurs(reads, way.ifindex())).toList();
        return Stream.of(
                        hosts(Guard.API_SERVER, apiServer.stream()),
                        hosts(Guard.DEFAULT_GATEWAY, uplinks.stream().flatMap(way -> way.gateway().stream())),
                        uplinks.stream()
                                .map(Way::ifindex)
                                .distinct()
                                .flatMap(index -> reads.addresses(index).stream())
                                .filter(address -> !isOfOneLink(address.address()))
                                .map(Guards::network)
                                .filter(network -> !network.isHost())
                                .map(network -> new Guarded(Guard.UPLINK, network)),
                        protectedNetworks.stream().map(network -> new Guarded(Guard.PROTECTED, network)))
                .flatMap(guarded -> guarded)
                .filter(guarded -> IpFamily.of(guarded.network().address()) == family)
                .distinct();
    }

    /** Whether it is a link-local address of IPv6, of which each link has its own. IPv4 routes 169.254.0.0/16 like any network. */
    static boolean isOfOneLink(InetAddress address) {
        return address instanceof Inet6Address && address.isLinkLocalAddress();
    }

    private static IpPrefix network(Address address) {
        return new IpPrefix(address.peer().orElse(address.address()), address.prefixLength()).network();
    }

    /** Without link-local addresses: the kernel looks for such a gateway on its link only. */
    private static Stream<Guarded> hosts(Guard guard, Stream<InetAddress> addresses) {
        return addresses
                .filter(address -> !isOfOneLink(address))
                .map(address -> new Guarded(guard, IpPrefix.host(address)));
    }

    private static boolean isOurs(KernelReads reads, int ifindex) {
        return reads.link(ifindex).flatMap(Link::alias).flatMap(Mark::parse).isPresent();
    }

    /** The look-ups on which {@link #endangeredBy} depends. */
    public Stream<OuterQuery> queries(Set<Way> ways) {
        return Stream.of(
                        apiServer.stream(),
                        ways.stream().flatMap(way -> way.gateway().stream()),
                        protectedNetworks.stream().map(IpPrefix::address))
                .flatMap(addresses -> addresses)
                .filter(address -> !isOfOneLink(address))
                .map(Guards::query);
    }

    private static OuterQuery query(InetAddress address) {
        return new OuterQuery(IpFamily.of(address).any(), address, OptionalInt.empty());
    }

    /**
     * Whether the tunnel that exists may cut the node off, so that its surroundings have to be read.
     *
     * @param others where the guarded networks are read from
     */
    boolean endangeredBy(
            DesiredTunnel desired,
            Observation observed,
            KernelReads reads,
            KernelReads others,
            Supplier<Set<Way>> ways) {
        if (desired.allowIsolation() || observed.named().isEmpty()) {
            return false;
        }
        List<IpPrefix> destinations = desired.destinations().toList();
        OptionalInt tunnel = OptionalInt.of(observed.named().get().index());
        return !destinations.isEmpty()
                && of(desired.mode().inner(), others, ways.get()).anyMatch(guarded -> destinations.stream()
                        .anyMatch(destination -> isTaken(guarded, destination)
                                || (destination.covers(guarded.network())
                                        && guarded.guard() != Guard.UPLINK
                                        && reads.outerRoute(
                                                        query(guarded.network().address()))
                                                .device()
                                                .equals(tunnel))));
    }

    /** Whether the destination takes over the network, without a look at routes. */
    private static boolean isTaken(Guarded guarded, IpPrefix destination) {
        return guarded.guard() == Guard.PROTECTED
                ? guarded.network().covers(destination)
                : guarded.network().equals(destination);
    }
}
