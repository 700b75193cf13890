package dev.iptunnel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The controller in a pod, agents in pods, and packets between the nodes of a set. */
@Tag("fleet")
@ExtendWith(DeployedFleet.class)
class SetFleetTest {
    private static final Cluster cluster = new Cluster();
    private static final Backbone backbone = new Backbone(cluster);

    @Test
    void nodes_of_a_mesh_reach_one_another_by_their_inner_addresses() {
        backbone.apply("mesh.yaml");

        backbone.awaitReady(6);
        assertThat(backbone.inner()).containsOnlyKeys(DeployedFleet.NODES);
        backbone.assertAllAnswer(DeployedFleet.NODES);
        assertThat(backbone.print()).contains("Mesh", "ipip", "AllTunnelsReady");
    }

    @Test
    void a_spoke_reaches_another_one_through_the_hub() {
        cluster.script("node1", "echo 1 >/proc/sys/net/ipv4/ip_forward");
        backbone.apply("hub.yaml");

        backbone.awaitReady(4);
        for (String spoke : List.of("node2", "node3")) {
            assertThat(tunnelsOn(spoke)).hasSize(1);
        }
        backbone.assertAllAnswer(DeployedFleet.NODES);
        assertThat(cluster.exec("node2", "ping -n -c 1 -W 20 " + backbone.inner("node3")))
                .as("one router in between")
                .contains("ttl=63");
    }

    @Test
    void a_controller_that_is_replaced_and_a_changed_template_cost_no_packet() {
        backbone.apply("mesh.yaml");
        backbone.awaitReady(6);
        Ping ping = backbone.ping("node2", "node3");

        cluster.command("kubectl", "-n", Cluster.NAMESPACE, "rollout", "restart", "deployment/iptunnel-controller");
        DeployedFleet.awaitController(cluster);
        backbone.change("{\"template\":{\"spec\":{\"ttl\":33}}}");
        cluster.await("all tunnels have the new TTL", () -> backbone.tunnels().stream()
                .allMatch(tunnel ->
                        Integer.valueOf(33).equals(tunnel.getSpec().ttl().getIntVal())));
        backbone.awaitReady(6);

        ping.stop().assertNoneLost();
        for (String node : DeployedFleet.NODES) {
            assertThat(cluster.exec(node, "ip -d link show type ipip")).contains("ttl 33");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"background", "foreground"})
    void a_deleted_set_takes_its_tunnels_and_its_addresses_with_it(String cascade) {
        backbone.apply("mesh.yaml");
        backbone.awaitReady(6);
        assertThat(backbone.isStored()).isTrue();

        backbone.delete(cascade);

        cluster.await("no IpTunnel", () -> backbone.tunnels().isEmpty());
        cluster.await("no addresses", () -> !backbone.isStored());
        for (String node : DeployedFleet.NODES) {
            cluster.await("no tunnel on " + node, () -> tunnelsOn(node).isEmpty());
        }
    }

    /** The fallback device apart. */
    private static List<String> tunnelsOn(String node) {
        return cluster.exec(node, "ip -br link show type ipip")
                .lines()
                .map(line -> line.split("[@ ]", 2)[0])
                .filter(name -> !name.equals("tunl0"))
                .toList();
    }

    @Test
    void a_set_that_is_deleted_without_its_tunnels_and_made_again_costs_no_packet() {
        backbone.apply("mesh.yaml");
        backbone.awaitReady(6);
        List<String> before = backbone.uids();
        Map<String, String> addresses = backbone.inner();
        Ping ping = backbone.ping("node1", "node3");

        backbone.delete("orphan");

        assertThat(backbone.uids()).isEqualTo(before);
        assertThat(backbone.isStored()).isTrue();
        backbone.apply("mesh.yaml");
        backbone.awaitReady(6);
        assertThat(backbone.uids()).isEqualTo(before);
        assertThat(backbone.inner()).isEqualTo(addresses);
        ping.stop().assertNoneLost();
    }

    @Test
    void tunnels_with_the_policy_Retain_outlive_their_set_and_lose_no_packet() {
        backbone.apply("mesh.yaml");
        backbone.awaitReady(6);
        backbone.change("{\"template\":{\"spec\":{\"deletionPolicy\":\"Retain\"}}}");
        cluster.await("all nodes have it", () -> "backbone-r2"
                .equals(backbone.status().currentRevision()));
        Ping ping = backbone.ping("node1", "node3");

        backbone.delete("background");

        cluster.await("no IpTunnel", () -> backbone.tunnels().isEmpty());
        try {
            for (String node : DeployedFleet.NODES) {
                cluster.await("no mark on " + node, () -> !cluster.exec(node, "ip link show")
                        .contains("iptunnel.dev/"));
                assertThat(tunnelsOn(node)).hasSize(2);
            }
            ping.stop().assertNoneLost();
        } finally {
            DeployedFleet.NODES.forEach(
                    node -> tunnelsOn(node).forEach(name -> cluster.exec(node, "ip link delete " + name)));
        }
    }

    @Test
    void pod_networks_that_are_not_there_are_reported_and_those_that_the_CNI_routes_stop_the_set_at_one_node() {
        backbone.apply("pods.yaml");
        backbone.awaitReady(6);
        assertThat(backbone.status().problems())
                .extracting(problem -> problem.reason())
                .containsOnly("PodNetworkNotFound")
                .hasSize(3);
        backbone.delete("background");
        cluster.await("no IpTunnel", () -> backbone.tunnels().isEmpty());
        for (int node = 1; node <= 3; node++) {
            cluster.command(
                    "kubectl",
                    "patch",
                    "node",
                    "node" + node,
                    "-p",
                    "{\"spec\":{\"podCIDR\":\"10.66.%1$d.0/24\",\"podCIDRs\":[\"10.66.%1$d.0/24\"]}}".formatted(node));
            for (int peer = 1; peer <= 3; peer++) {
                if (peer != node) {
                    cluster.exec("node" + node, "ip route add 10.66.%1$d.0/24 via 10.77.0.%1$d".formatted(peer));
                }
            }
        }

        backbone.apply("pods.yaml");

        backbone.awaitCondition("Stalled", "True", "RolloutFailed");
        assertThat(backbone.failure()).contains("RouteConflict");
        assertThat(backbone.tunnels()).hasSize(2);
        for (String node : DeployedFleet.NODES) {
            assertThat(cluster.exec(node, "ip route show root 10.66.0.0/16").lines())
                    .hasSize(2)
                    .allMatch(route -> route.contains("via 10.77.0."));
            cluster.script(node, "ip route flush root 10.66.0.0/16");
        }
    }
}
