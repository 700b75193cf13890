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
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Where a node's packets must go on going, whatever tunnels it has: the networks that are guarded, and why. */
public final class Guards {
    private final List<IpPrefix> protectedNetworks;
    private volatile Set<InetAddress> apiServer;

    /**
     * @param apiServer the addresses that the API server is reached by
     * @param protectedNetworks of the administrator
     */
    public Guards(Collection<InetAddress> apiServer, Collection<IpPrefix> protectedNetworks) {
        this.apiServer = Set.copyOf(apiServer);
        this.protectedNetworks = List.copyOf(protectedNetworks);
    }

    /** A network that is guarded. */
    record Guarded(Guard guard, IpPrefix network) {}

    public Set<InetAddress> apiServer() {
        return apiServer;
    }

    public void apiServer(Set<InetAddress> addresses) {
        apiServer = Set.copyOf(addresses);
    }

    /** All of one family. */
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
                                .filter(address -> !address.address().isLinkLocalAddress())
                                .map(Guards::network)
                                .filter(network -> !network.isHost())
                                .map(network -> new Guarded(Guard.UPLINK, network)),
                        protectedNetworks.stream().map(network -> new Guarded(Guard.PROTECTED, network)))
                .flatMap(guarded -> guarded)
                .filter(guarded -> IpFamily.of(guarded.network().address()) == family)
                .distinct();
    }

    private static IpPrefix network(Address address) {
        return new IpPrefix(address.peer().orElse(address.address()), address.prefixLength()).network();
    }

    /** A link-local gateway is looked for on its link alone. */
    private static Stream<Guarded> hosts(Guard guard, Stream<InetAddress> addresses) {
        return addresses
                .filter(address -> !address.isLinkLocalAddress())
                .map(address -> new Guarded(guard, IpPrefix.host(address)));
    }

    private static boolean isOurs(KernelReads reads, int ifindex) {
        return reads.link(ifindex).flatMap(Link::alias).flatMap(Mark::parse).isPresent();
    }

    /** The look-ups whose answers tell whether a tunnel harms the node: where one changes, {@link #endangeredBy} may. */
    public Stream<OuterQuery> queries(Set<Way> ways) {
        return Stream.of(
                        apiServer.stream(),
                        ways.stream().flatMap(way -> way.gateway().stream()),
                        protectedNetworks.stream().map(IpPrefix::address))
                .flatMap(addresses -> addresses)
                .filter(address -> !address.isLinkLocalAddress())
                .map(Guards::query);
    }

    private static OuterQuery query(InetAddress address) {
        return new OuterQuery(IpFamily.of(address).any(), address, OptionalInt.empty());
    }

    /** Whether the tunnel that is there may harm the node, so that its surroundings have to be looked at. */
    public boolean endangeredBy(
            DesiredTunnel desired, Observation observed, KernelReads reads, Supplier<Set<Way>> ways) {
        if (desired.allowIsolation() || observed.named().isEmpty()) {
            return false;
        }
        List<IpPrefix> destinations = desired.destinations().toList();
        OptionalInt tunnel = OptionalInt.of(observed.named().get().index());
        return !destinations.isEmpty()
                && of(desired.mode().inner(), reads, ways.get()).anyMatch(guarded -> destinations.stream()
                        .anyMatch(destination -> isTaken(guarded, destination)
                                || (destination.covers(guarded.network())
                                        && guarded.guard() != Guard.UPLINK
                                        && reads.outerRoute(
                                                        query(guarded.network().address()))
                                                .device()
                                                .equals(tunnel))));
    }

    /** As far as the two alone tell. */
    private static boolean isTaken(Guarded guarded, IpPrefix destination) {
        return guarded.guard() == Guard.PROTECTED
                ? guarded.network().covers(destination)
                : guarded.network().equals(destination);
    }
}
