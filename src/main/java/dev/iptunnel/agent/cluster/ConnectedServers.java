package dev.iptunnel.agent.cluster;

import dev.iptunnel.kernel.TcpConnections;
import dev.iptunnel.kernel.TcpConnections.Connection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The servers that programs of this node have connections to on a port of the API server, and that show a certificate of this
 * cluster: the kubelet may use a load balancer that the cluster does not tell of. Those that are reached through tunnels of
 * ours do not count. An address counts for a while after its last connection was seen. Not thread-safe.
 */
public final class ConnectedServers {
    static final Duration KEPT = Duration.ofHours(1);
    /** How many servers are asked for their certificates in one look. */
    static final int MOST_QUESTIONS = 4;

    /** The usual port of an API server. */
    private static final int KUBERNETES = 6443;

    /** Every other server has this port as well. */
    private static final int HTTPS = 443;

    private final TcpConnections connections;
    private final Predicate<InetSocketAddress> ofCluster;
    private final BiPredicate<InetAddress, InetAddress> outsideTunnels;
    private final InstantSource steady;
    private final Map<InetAddress, Instant> seen = new HashMap<>();
    private final Map<InetSocketAddress, Answer> answers = new HashMap<>();

    private record Answer(boolean ofCluster, Instant at) {}

    /**
     * Reads connections when it is asked for servers.
     *
     * @param ofCluster whether a server shows a certificate of this cluster; it is asked once an hour
     * @param outsideTunnels whether packets from the first address to the second leave the node outside of tunnels
     * @param steady a clock that cannot be set
     */
    public ConnectedServers(
            TcpConnections connections,
            Predicate<InetSocketAddress> ofCluster,
            BiPredicate<InetAddress, InetAddress> outsideTunnels,
            InstantSource steady) {
        this.connections = connections;
        this.ofCluster = ofCluster;
        this.outsideTunnels = outsideTunnels;
        this.steady = steady;
    }

    /** The servers that are not among the known ones. */
    Set<InetAddress> look(Set<InetSocketAddress> known) {
        Instant now = steady.instant();
        answers.values().removeIf(answer -> answer.at().plus(KEPT).isBefore(now));
        Set<InetAddress> knownAddresses =
                known.stream().map(InetSocketAddress::getAddress).collect(Collectors.toSet());
        Set<Connection> unknown = connections.to(ports(known)).stream()
                .filter(connection ->
                        !knownAddresses.contains(connection.remote().getAddress()))
                .collect(Collectors.toSet());
        ask(unknown.stream().map(Connection::remote).collect(Collectors.toSet()), now);
        unknown.stream()
                .filter(connection -> isOfCluster(connection.remote())
                        && outsideTunnels.test(
                                connection.local(), connection.remote().getAddress()))
                .forEach(connection -> seen.put(connection.remote().getAddress(), now));
        seen.values().removeIf(last -> last.plus(KEPT).isBefore(now));
        return seen.keySet().stream()
                .filter(address -> !knownAddresses.contains(address))
                .collect(Collectors.toSet());
    }

    private void ask(Set<InetSocketAddress> servers, Instant now) {
        servers.stream()
                .filter(server -> !answers.containsKey(server))
                .limit(MOST_QUESTIONS)
                .forEach(server -> answers.put(server, new Answer(ofCluster.test(server), now)));
    }

    private boolean isOfCluster(InetSocketAddress server) {
        return Optional.ofNullable(answers.get(server))
                .filter(Answer::ofCluster)
                .isPresent();
    }

    private static Set<Integer> ports(Set<InetSocketAddress> known) {
        return Stream.concat(Stream.of(KUBERNETES), known.stream().map(InetSocketAddress::getPort))
                .filter(port -> port != HTTPS)
                .collect(Collectors.toSet());
    }
}
