package dev.iptunnel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A template that stops the packets of each node that gets it: its tunnels have a parent that is down. */
@Tag("fleet")
@ExtendWith(DeployedFleet.class)
class RolloutFleetTest {
    private static final Cluster cluster = new Cluster();
    private static final Backbone backbone = new Backbone(cluster);

    private Map<List<String>, Ping> pings = Map.of();

    @BeforeEach
    void mesh_with_packets_between_all_nodes() {
        DeployedFleet.NODES.forEach(node -> cluster.exec(node, "ip link add dead0 type veth peer name dead1"));
        backbone.apply("mesh.yaml");
        backbone.awaitReady(6);
        pings = Map.of(
                List.of("node1", "node2"), backbone.ping("node1", "node2"),
                List.of("node2", "node3"), backbone.ping("node2", "node3"),
                List.of("node3", "node1"), backbone.ping("node3", "node1"));
    }

    @AfterEach
    void remove_the_parent() {
        DeployedFleet.NODES.forEach(node -> cluster.exec(node, "ip link delete dead0"));
    }

    private static void change(String onFailure) {
        backbone.change(
                """
                {"rollout": {"onFailure": "%s", "progressDeadlineSeconds": 15}, "template": {"spec": {"parent": "dead0"}}}
                """
                        .formatted(onFailure));
    }

    private static String failedNode() {
        return Objects.requireNonNull(
                Objects.requireNonNull(backbone.status().rollout()).failedNode());
    }

    private void assertOthersLostNothing(String hurt) {
        pings.forEach((ends, ping) -> {
            ping.stop();
            if (!ends.contains(hurt)) {
                ping.assertNoneLost();
            }
        });
    }

    private static List<String> nodesWithDeadParent() {
        return backbone.tunnels().stream()
                .filter(tunnel -> "dead0".equals(tunnel.getSpec().parent()))
                .map(IpTunnel::getSpec)
                .map(spec -> spec.nodeName())
                .collect(Collectors.toList());
    }

    @Test
    void a_template_that_stops_packets_hurts_one_node_and_no_other_one_gets_it() {
        change("Pause");

        backbone.awaitCondition("Stalled", "True", "RolloutFailed");

        String hurt = failedNode();
        assertThat(nodesWithDeadParent()).containsExactly(hurt, hurt);
        assertThat(cluster.output(hurt, "ping -n -c 1 -W 2 " + backbone.inner(other(hurt)) + " || true"))
                .contains("100% packet loss");
        assertOthersLostNothing(hurt);
    }

    private static String other(String node) {
        return DeployedFleet.NODES.stream()
                .filter(other -> !other.equals(node))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_template_that_stops_packets_is_taken_back_and_all_nodes_answer_again() {
        change("Rollback");

        backbone.awaitCondition("Stalled", "True", "RolledBack");
        String hurt = failedNode();
        cluster.await(
                "all tunnels are ready again",
                () -> Objects.requireNonNull(backbone.status().tunnels()).ready() == 6);

        assertThat(nodesWithDeadParent()).isEmpty();
        backbone.assertAllAnswer(DeployedFleet.NODES);
        assertThat(backbone.status().failedRevisions()).containsExactly("backbone-r2");
        assertOthersLostNothing(hurt);
    }
}
