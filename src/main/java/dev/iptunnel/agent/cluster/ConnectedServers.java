package dev.iptunnel.agent.cluster;

import dev.iptunnel.kernel.TcpConnections;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The servers that programs of this node have connections to on a port of the API server: the kubelet may use a load
 * balancer that the cluster does not tell of. Connections through tunnels of ours are to other clusters. An address counts
 * for a while after its last connection was seen. Not thread-safe.
 */
public final class ConnectedServers {
    static final Duration KEPT = Duration.ofHours(1);

    /** The usual port of an API server. */
    private static final int KUBERNETES = 6443;

    /** Every other server has this port as well. */
    private static final int HTTPS = 443;

    private final TcpConnections connections;
    private final BiPredicate<InetAddress, InetAddress> outsideTunnels;
    private final InstantSource steady;
    private final Map<InetAddress, Instant> seen = new HashMap<>();

    /**
     * Reads connections when it is asked for servers.
     *
     * @param outsideTunnels whether packets from the first address to the second leave the node outside of tunnels
     * @param steady a clock that cannot be set
     */
    public ConnectedServers(
            TcpConnections connections, BiPredicate<InetAddress, InetAddress> outsideTunnels, InstantSource steady) {
        this.connections = connections;
        this.outsideTunnels = outsideTunnels;
        this.steady = steady;
    }

    /** The servers that are not among the known ones. */
    Set<InetAddress> look(Set<InetSocketAddress> known) {
        Instant now = steady.instant();
        Set<InetAddress> knownAddresses =
                known.stream().map(InetSocketAddress::getAddress).collect(Collectors.toSet());
        connections.to(ports(known)).stream()
                .filter(connection -> !knownAddresses.contains(connection.remote())
                        && outsideTunnels.test(connection.local(), connection.remote()))
                .forEach(connection -> seen.put(connection.remote(), now));
        seen.values().removeIf(last -> last.plus(KEPT).isBefore(now));
        return seen.keySet().stream()
                .filter(address -> !knownAddresses.contains(address))
                .collect(Collectors.toSet());
    }

    private static Set<Integer> ports(Set<InetSocketAddress> known) {
        return Stream.concat(Stream.of(KUBERNETES), known.stream().map(InetSocketAddress::getPort))
                .filter(port -> port != HTTPS)
                .collect(Collectors.toSet());
    }
}
