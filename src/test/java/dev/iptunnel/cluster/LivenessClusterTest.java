package dev.iptunnel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.controller.liveness.ListedFleet;
import dev.iptunnel.schedule.Clocks;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A node on which nothing runs any more, and whose kernel still does: its statuses say that nothing is known. */
@Tag("cluster")
@ExtendWith(DeployedOperator.class)
class LivenessClusterTest {
    private static final Cluster cluster = new Cluster();
    private static final String KUBELET_AND_AGENT = "$(pgrep -o -x kubelet) $(pgrep -o -f dev.iptunnel.cli.Main)";

    private final ScheduledExecutorService looks = new ListedFleet(
                    cluster.client, Cluster.NAMESPACE, LivenessClusterTest::isReady)
            .judge(Clock.systemUTC(), Clocks.system().steady());

    @AfterEach
    void stopJudging() {
        looks.shutdownNow();
    }

    private static boolean isReady(String node) {
        return cluster.client.nodes().withName(node).require().getStatus().getConditions().stream()
                .anyMatch(condition -> condition.getType().equals("Ready")
                        && condition.getStatus().equals("True"));
    }

    private static Condition ready(String tunnel) {
        return cluster.status(tunnel).conditions().stream()
                .filter(condition -> condition.getType().equals("Ready"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_frozen_node_is_marked_within_70_seconds_and_its_agent_writes_once_when_it_goes_on() {
        cluster.create("frozen1", Cluster.ipip(1, "192.168.61.1/30"));
        cluster.create("frozen2", Cluster.ipip(2, "192.168.61.2/30"));
        cluster.awaitReady("frozen1");
        cluster.awaitReady("frozen2");
        Map<String, Integer> changes = new ConcurrentHashMap<>();
        Instant frozen = Instant.now();
        cluster.script("node1", "kill -STOP " + KUBELET_AND_AGENT);
        try {
            cluster.await("a mark", () -> ready("frozen1").getStatus().equals("Unknown"));
            assertThat(Duration.between(frozen, Instant.now())).isLessThan(Duration.ofSeconds(75));
            cluster.await("the node's fault", () -> ready("frozen1").getReason().equals("NodeNotReady"));
            assertThat(ready("frozen2").getStatus()).isEqualTo("True");
            Ping.start(cluster, "node2", "192.168.61.1", 50).assertNoneLost();
        } finally {
            try (Watch _ = count(changes)) {
                cluster.script("node1", "kill -CONT " + KUBELET_AND_AGENT);
                cluster.awaitReady("frozen1");
                cluster.awaitAgents(2);
            }
        }

        assertThat(changes).isEqualTo(Map.of("frozen1", 1));
    }

    private static Watch count(Map<String, Integer> changes) {
        return cluster.client.resources(IpTunnel.class).watch(new Watcher<>() {
            @Override
            public void eventReceived(Action action, IpTunnel tunnel) {
                if (action == Action.MODIFIED) {
                    changes.merge(tunnel.getMetadata().getName(), 1, Integer::sum);
                }
            }

            @Override
            public void onClose(WatcherException cause) {}
        });
    }
}
