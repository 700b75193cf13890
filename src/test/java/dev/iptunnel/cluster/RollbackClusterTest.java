package dev.iptunnel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A change that cuts a node off from the API server is undone by the node itself. */
@Tag("cluster")
@ExtendWith(DeployedOperator.class)
class RollbackClusterTest {
    private static final Cluster cluster = new Cluster();
    private static final String API_SERVER = "10.77.0.254";
    private static final String CUTTING = "allowIsolation: true\nroutes: [{destination: " + API_SERVER + "/32}]";

    private static boolean leadsThrough(String device) {
        return cluster.exec("node1", "ip route get " + API_SERVER).contains("dev " + device + " ");
    }

    private static String message() {
        return cluster.status("cut").conditions().stream()
                .filter(condition -> condition.getType().equals("Ready"))
                .map(Condition::getMessage)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_route_that_cuts_a_node_off_is_undone_reported_and_not_made_again_until_the_spec_changes() {
        cluster.create("cut", Cluster.ipip(1, "192.168.90.1/30"));
        int ifindex = cluster.awaitReady("cut");
        long generation = cluster.tunnel("cut").get().getMetadata().getGeneration();
        double undone = cluster.counter("node1", "iptunnel_rollbacks_total");

        cluster.change("cut", CUTTING);
        cluster.await("the node is cut off", () -> leadsThrough("cut"));
        Instant cutOff = Instant.now();
        cluster.await("the node is back", () -> leadsThrough("vec0"));

        assertThat(Duration.between(cutOff, Instant.now())).isLessThan(Duration.ofSeconds(36));
        cluster.awaitCondition("cut", "Stalled", "True", "RolledBack");
        assertThat(message())
                .startsWith("generation " + (generation + 1) + " cut the node off from the API server")
                .contains(API_SERVER + ":")
                .endsWith("the tunnel is as before, until the spec changes");
        assertThat(cluster.ifindex("node1", "cut")).isEqualTo(ifindex);
        assertThat(cluster.eventReasons("cut")).contains("RolledBack");
        assertThat(cluster.counter("node1", "iptunnel_rollbacks_total")).isEqualTo(undone + 1);

        cluster.stopAgents();
        cluster.startAgents();

        assertThat(leadsThrough("vec0")).isTrue();
        assertThat(cluster.counter("node1", "iptunnel_kernel_operations_total")).isZero();
        cluster.awaitCondition("cut", "Ready", "False", "RolledBack");

        cluster.change("cut", "routes: [{destination: 172.31.0.0/24}]");
        assertThat(cluster.awaitReady("cut")).isEqualTo(ifindex);
        assertThat(cluster.exec("node1", "ip route show dev cut")).contains("172.31.0.0/24");
    }

    @Test
    void an_agent_that_is_killed_while_its_node_is_cut_off_undoes_the_change_when_it_starts_again() {
        // A pod that is new is started again at once.
        cluster.stopAgents();
        cluster.startAgents();
        cluster.create("cut", Cluster.ipip(1, "192.168.90.1/30"));
        cluster.awaitReady("cut");

        cluster.change("cut", CUTTING);
        cluster.await("the node is cut off", () -> leadsThrough("cut"));
        cluster.exec("node1", "pkill -KILL -f dev.iptunnel.cli.Main");

        cluster.await("the node is back", () -> leadsThrough("vec0"));
        cluster.awaitCondition("cut", "Stalled", "True", "RolledBack");
        assertThat(message()).contains("was not confirmed when the agent was stopped");
        cluster.awaitAgents(2);
    }
}
