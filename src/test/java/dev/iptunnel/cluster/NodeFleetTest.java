package dev.iptunnel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** One node of a mesh of three dies, stops, leaves or is registered again. The other two go on meanwhile. */
@Tag("fleet")
@ExtendWith(DeployedFleet.class)
class NodeFleetTest {
    private static final Cluster cluster = new Cluster();
    private static final Backbone backbone = new Backbone(cluster);
    private static final List<String> OTHERS = List.of("node1", "node2");
    private static final Duration LONGEST_LIE = Duration.ofSeconds(70);
    private static final String KUBELET_AND_AGENT = "$(pgrep -o -x kubelet) $(pgrep -o -f dev.iptunnel.cli.Main)";

    @BeforeEach
    void mesh() {
        backbone.apply("mesh.yaml");
        backbone.awaitReady(6);
    }

    private static void awaitMarks(long since) {
        cluster.await("the marks of node3's tunnels", () -> backbone.isUnknown("node3"));
        Duration taken = Duration.ofNanos(System.nanoTime() - since);
        // On a busy machine the controller may have been stopped for a while, and is careful then.
        assertThat(taken).isLessThan(isJudgedAnew(taken) ? LONGEST_LIE.multipliedBy(2) : LONGEST_LIE);
    }

    private static boolean isJudgedAnew(Duration since) {
        return cluster.command(
                        "kubectl",
                        "-n",
                        Cluster.NAMESPACE,
                        "logs",
                        "deployment/iptunnel-controller",
                        "--since=" + (since.toSeconds() + 60) + "s")
                .contains("agents are judged anew");
    }

    private static void assertOthersAreReady() {
        for (String node : OTHERS) {
            assertThat(backbone.ready(node)).extracting(Condition::getStatus).containsOnly("True");
        }
    }

    @Test
    void a_node_without_power_is_marked_within_70_seconds_and_works_again_when_it_is_back() {
        Ping ping = backbone.ping("node1", "node2");
        long begin = System.nanoTime();

        cluster.command("kill", "node3");
        try {
            awaitMarks(begin);
            assertOthersAreReady();
            backbone.awaitCondition("Ready", "True", "ReachableNodesReady");
        } finally {
            cluster.command("start", "node3");
        }
        cluster.awaitAgents(DeployedFleet.NODES.size());
        backbone.awaitReady(6);
        backbone.assertAllAnswer(DeployedFleet.NODES);
        ping.stop().assertNoneLost();
    }

    @Test
    void a_frozen_node_is_marked_within_70_seconds_and_its_agent_writes_once_when_it_goes_on() {
        Map<String, Integer> changes = new ConcurrentHashMap<>();
        List<String> marked = backbone.tunnels().stream()
                .filter(Backbone.isOf("node3"))
                .map(tunnel -> tunnel.getMetadata().getName())
                .toList();
        long begin = System.nanoTime();
        cluster.script("node3", "kill -STOP " + KUBELET_AND_AGENT);
        try {
            awaitMarks(begin);
            cluster.await("the node's fault", () -> backbone.ready("node3").stream()
                    .allMatch(condition -> condition.getReason().equals("NodeNotReady")));
            assertOthersAreReady();
            Ping.start(cluster, "node1", backbone.inner("node3"), 50).assertNoneLost();
        } finally {
            try (Watch _ = count(changes)) {
                cluster.script("node3", "kill -CONT " + KUBELET_AND_AGENT);
                backbone.awaitReady(6);
                cluster.awaitAgents(DeployedFleet.NODES.size());
            }
        }

        assertThat(changes).isEqualTo(marked.stream().collect(Collectors.toMap(Function.identity(), _ -> 1)));
    }

    /** Changes of what agents write. */
    private static Watch count(Map<String, Integer> changes) {
        Map<String, IpTunnelStatus> last = new ConcurrentHashMap<>();
        cluster.client
                .resources(IpTunnel.class)
                .list()
                .getItems()
                .forEach(tunnel -> last.put(name(tunnel), ofAgent(tunnel)));
        return cluster.client.resources(IpTunnel.class).watch(new Watcher<>() {
            @Override
            public void eventReceived(Action action, IpTunnel tunnel) {
                if (action == Action.MODIFIED && !ofAgent(tunnel).equals(last.put(name(tunnel), ofAgent(tunnel)))) {
                    changes.merge(name(tunnel), 1, Integer::sum);
                }
            }

            @Override
            public void onClose(WatcherException cause) {}
        });
    }

    private static String name(IpTunnel tunnel) {
        return tunnel.getMetadata().getName();
    }

    private static IpTunnelStatus ofAgent(IpTunnel tunnel) {
        IpTunnelStatus status = Objects.requireNonNull(tunnel.getStatus());
        return status.withConditions(status.conditions().stream()
                .filter(condition -> !condition.getType().equals("Paired"))
                .toList());
    }

    @Test
    void a_node_that_leaves_and_joins_costs_the_others_no_packet() {
        Map<String, String> addresses = backbone.inner();
        Ping ping = backbone.ping("node1", "node2");

        cluster.command("kubectl", "label", "node", "node3", "example.com/left=yes");
        try {
            backbone.awaitReady(2);
            cluster.await("no tunnel on node3", () -> !hasTunnelTo("node3", 1) && !hasTunnelTo("node3", 2));
            cluster.await("no tunnel to node3", () -> OTHERS.stream().noneMatch(node -> hasTunnelTo(node, 3)));
        } finally {
            cluster.command("kubectl", "label", "node", "node3", "example.com/left-");
        }
        backbone.awaitReady(6);

        backbone.assertAllAnswer(DeployedFleet.NODES);
        assertThat(backbone.inner()).isEqualTo(addresses);
        ping.stop().assertNoneLost();
    }

    private static boolean hasTunnelTo(String node, int peer) {
        return cluster.exec(node, "ip -d link show type ipip").contains("remote 10.77.0." + peer + " ");
    }

    @Test
    void a_Node_that_is_deleted_and_registered_again_keeps_its_tunnels_and_loses_no_packet() {
        List<String> before = backbone.uids();
        Ping ping = backbone.ping("node1", "node3");

        cluster.command("kubectl", "delete", "node", "node3");
        cluster.await("the set has two nodes left", () -> selected() == 2);
        assertThat(backbone.uids()).isEqualTo(before);
        cluster.script(
                "node3",
                """
                kubelet=$(pgrep -o -x kubelet)
                mapfile -d '' -t words </proc/$kubelet/cmdline
                log=$(readlink /proc/$kubelet/fd/1)
                kill $kubelet
                while [[ -d /proc/$kubelet ]]; do sleep 0.1; done
                setsid "${words[@]}" </dev/null >>"$log" 2>&1 &
                """);

        cluster.await("the set has three nodes", () -> selected() == 3);
        cluster.awaitAgents(DeployedFleet.NODES.size());
        backbone.awaitReady(6);
        assertThat(backbone.uids()).isEqualTo(before);
        ping.stop().assertNoneLost();
    }

    private static int selected() {
        return backbone.status().nodes() == null ? 0 : backbone.status().nodes().selected();
    }
}
