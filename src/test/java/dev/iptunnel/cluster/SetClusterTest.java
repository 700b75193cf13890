package dev.iptunnel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.api.v1alpha1.TunnelAddress;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The controller in a pod, agents in pods, and packets between the nodes of a set. */
@Tag("cluster")
@ExtendWith(DeployedOperator.class)
class SetClusterTest {
    private static final Cluster cluster = new Cluster();
    private static final String SET = "iptunnelset/backbone";

    @BeforeAll
    static void deploy_the_controller() {
        cluster.command("kubectl", "apply", "-k", "deploy/controller");
        awaitController();
    }

    @AfterAll
    static void remove_the_controller() {
        cluster.command("kubectl", "delete", "-k", "deploy/controller");
        cluster.await(
                "the controller's pod is gone", () -> cluster.pods("controller").isEmpty());
    }

    private static void awaitController() {
        cluster.command(
                "kubectl",
                "-n",
                Cluster.NAMESPACE,
                "rollout",
                "status",
                "deployment/iptunnel-controller",
                "--timeout=180s");
    }

    @AfterEach
    void delete_the_set() {
        cluster.command("kubectl", "delete", SET, "--ignore-not-found");
        cluster.await("the tunnels of the set are gone", () -> tunnels().isEmpty());
    }

    private static void apply(String file) {
        cluster.command("kubectl", "apply", "-f", "src/test/resources/dev/iptunnel/cluster/" + file);
    }

    private static void awaitReady() {
        cluster.command(
                "kubectl",
                "wait",
                SET,
                "--for=jsonpath={.status.conditions[?(@.type==\"Ready\")].reason}=AllTunnelsReady",
                "--timeout=180s");
    }

    private static List<IpTunnel> tunnels() {
        return cluster.client
                .resources(IpTunnel.class)
                .withLabel("iptunnel.dev/set")
                .list()
                .getItems();
    }

    /** The inner address of each node. */
    private static Map<String, String> inner() {
        return tunnels().stream()
                .collect(Collectors.toMap(tunnel -> tunnel.getSpec().nodeName(), tunnel -> address(tunnel.getSpec())));
    }

    private static String address(IpTunnelSpec spec) {
        TunnelAddress address = spec.addresses().getFirst();
        return address.address().substring(0, address.address().indexOf('/'));
    }

    @Test
    void nodes_of_a_mesh_reach_one_another_by_their_inner_addresses() {
        apply("mesh.yaml");

        awaitReady();
        Map<String, String> inner = inner();
        assertThat(inner).containsOnlyKeys("node1", "node2");
        Ping.assertAnswers(cluster, "node1", inner.getOrDefault("node2", ""));
        Ping.assertAnswers(cluster, "node2", inner.getOrDefault("node1", ""));
        assertThat(cluster.command("kubectl", "get", SET)).contains("Mesh", "ipip", "AllTunnelsReady");
    }

    @Test
    void a_controller_that_is_replaced_and_a_changed_template_cost_no_packet() {
        apply("mesh.yaml");
        awaitReady();
        String far = inner().getOrDefault("node2", "");
        Ping ping = Ping.start(cluster, "node1", far, 400);

        cluster.command("kubectl", "-n", Cluster.NAMESPACE, "rollout", "restart", "deployment/iptunnel-controller");
        awaitController();
        cluster.command(
                "kubectl", "patch", SET, "--type=merge", "-p", "{\"spec\":{\"template\":{\"spec\":{\"ttl\":33}}}}");
        cluster.await("both tunnels have the new TTL", () -> tunnels().stream().allMatch(tunnel -> Integer.valueOf(33)
                .equals(tunnel.getSpec().ttl().getIntVal())));
        awaitReady();

        ping.assertNoneLost();
        for (String node : DeployedOperator.NODES) {
            assertThat(cluster.exec(node, "ip -d link show type ipip")).contains("ttl 33");
        }
    }

    @Test
    void tunnels_of_a_node_that_is_frozen_are_marked_and_the_set_says_so() {
        apply("mesh.yaml");
        awaitReady();
        String agentAndKubelet = "$(pgrep -o -x kubelet) $(pgrep -o -f dev.iptunnel.cli.Main)";

        cluster.script("node1", "kill -STOP " + agentAndKubelet);
        try {
            cluster.await("the mark of node1's tunnel", () -> tunnels().stream()
                    .filter(tunnel -> tunnel.getSpec().nodeName().equals("node1"))
                    .flatMap(tunnel -> tunnel.getStatus().conditions().stream())
                    .anyMatch(condition -> condition.getType().equals("Ready")
                            && condition.getStatus().equals("Unknown")));
        } finally {
            cluster.script("node1", "kill -CONT " + agentAndKubelet);
            cluster.command("kubectl", "wait", "node/node1", "--for=condition=Ready", "--timeout=180s");
        }
        cluster.awaitAgents(DeployedOperator.NODES.size());
        awaitReady();
    }
}
