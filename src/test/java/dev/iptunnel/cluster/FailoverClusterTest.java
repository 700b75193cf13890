package dev.iptunnel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.IpTunnels;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Traffic moves to the second tunnel while the first one is dead. The other ends on {@code node2} are made by hand. */
@Tag("cluster")
@ExtendWith(DeployedOperator.class)
class FailoverClusterTest {
    private static final Cluster cluster = new Cluster();
    private static final String BEHIND = "10.66.0.1";
    private static final String API_SERVER = "10.77.0.254";
    /** With the defaults of {@code spec.probe}, and time for a busy machine. */
    private static final Duration DETECTION = Duration.ofSeconds(25 + 30);

    @BeforeEach
    void makeBothTunnels() {
        cluster.script("node1", "ip address add 10.88.0.1/24 dev vec0");
        cluster.script(
                "node2",
                """
                ip address add 10.88.0.2/24 dev vec0
                ip link add main2 type ipip local 10.77.0.2 remote 10.77.0.1 ttl 64
                ip address add 192.168.95.2/30 dev main2
                ip link set main2 up
                ip link add spare2 type ipip local 10.88.0.2 remote 10.88.0.1 ttl 64
                ip address add 192.168.95.6/30 dev spare2
                ip link set spare2 up
                ip address add %s/32 dev lo
                """
                        .formatted(BEHIND));
        cluster.create(
                "main",
                IpTunnels.with(
                        Cluster.ipip(1, "192.168.95.1/30"),
                        "probe: {type: ICMP}\nroutes: [{destination: 10.66.0.0/16, metric: 10, withdraw: WhenUnreachable}]"));
        cluster.create(
                "spare",
                IpTunnels.with(
                        Cluster.ipip(1, "192.168.95.5/30"),
                        "local: 10.88.0.1\nremote: 10.88.0.2\nroutes: [{destination: 10.66.0.0/16, metric: 20}]"));
        cluster.awaitCondition("main", "Reachable", "True", "PeerAnswers");
        cluster.awaitReady("spare");
        assertThat(leadsThrough("main")).isTrue();
    }

    @AfterEach
    void removeTheOtherEnds() {
        cluster.script(
                "node1", "ip route del blackhole " + API_SERVER + " || true; ip address del 10.88.0.1/24 dev vec0");
        cluster.script(
                "node2",
                "ip link del main2; ip link del spare2; ip address del " + BEHIND
                        + "/32 dev lo; ip address del 10.88.0.2/24 dev vec0");
    }

    private static boolean leadsThrough(String device) {
        return cluster.exec("node1", "ip route get " + BEHIND).contains("dev " + device + " ");
    }

    private static Condition condition(String type) {
        return cluster.status("main").conditions().stream()
                .filter(condition -> condition.getType().equals(type))
                .findFirst()
                .orElseThrow();
    }

    private static Duration untilLeadsThrough(String device) {
        Instant begin = Instant.now();
        cluster.await("a route through " + device, () -> leadsThrough(device));
        return Duration.between(begin, Instant.now());
    }

    @Test
    void also_while_the_node_does_not_reach_the_API_server() {
        cluster.script("node1", "ip route add blackhole " + API_SERVER);

        cluster.script("node2", "ip link set main2 down");
        assertThat(untilLeadsThrough("spare")).isLessThan(DETECTION);
        Ping.assertAnswers(cluster, "node1", BEHIND);
        assertThat(condition("Reachable").getStatus())
                .as("nothing is written while the node is alone")
                .isEqualTo("True");

        cluster.script("node2", "ip link set main2 up");
        assertThat(untilLeadsThrough("main")).isLessThan(DETECTION);
        Ping.assertAnswers(cluster, "node1", BEHIND);
    }

    @Test
    void and_the_status_an_Event_and_a_metric_say_so() {
        int ifindex = cluster.ifindex("node1", "main");

        cluster.script("node2", "ip link set main2 down");
        cluster.await("False", () -> condition("Reachable").getStatus().equals("False"));
        cluster.await("withdrawn", () -> condition("Programmed")
                .getMessage()
                .endsWith("; withdrawn while packets cannot pass: 10.66.0.0/16 metric 10"));
        assertThat(condition("Ready").getStatus()).isEqualTo("True");
        assertThat(condition("Programmed").getStatus()).isEqualTo("True");
        cluster.await("an Event", () -> cluster.eventReasons("main").contains("RoutesWithdrawn"));
        assertThat(metric()).contains("1.0");
        assertThat(cluster.eventReasons("main")).doesNotContain("TunnelRepaired");

        cluster.script("node2", "ip link set main2 up");
        cluster.awaitCondition("main", "Reachable", "True", "PeerAnswers");
        cluster.await("an Event", () -> cluster.eventReasons("main").contains("RoutesRestored"));
        assertThat(leadsThrough("main")).isTrue();
        assertThat(metric()).contains("0.0");
        assertThat(cluster.ifindex("node1", "main")).isEqualTo(ifindex);
    }

    private static Optional<String> metric() {
        return cluster.metrics("node1")
                .lines()
                .filter(line -> line.startsWith("iptunnel_withdrawn_routes{tunnel=\"main\"}"))
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .findFirst();
    }

    @Test
    void a_new_agent_leaves_the_route_away_while_the_peer_is_still_silent() {
        cluster.script("node2", "ip link set main2 down");
        cluster.await("withdrawn", () -> condition("Programmed").getMessage().contains("withdrawn"));

        cluster.stopAgents();
        cluster.startAgents();

        cluster.await("probes of the new agent", () -> cluster.counter("node1", "iptunnel_probe_lost_total") >= 2);
        assertThat(leadsThrough("spare")).isTrue();
        assertThat(metric()).contains("1.0");
        assertThat(cluster.counter("node1", "iptunnel_kernel_operations_total")).isZero();
    }
}
