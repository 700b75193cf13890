package dev.iptunnel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The operator as it is deployed, between two nodes with kernels of their own. */
@Tag("cluster")
@ExtendWith(DeployedOperator.class)
class OperatorTest {
    private static final Cluster cluster = new Cluster();

    @Test
    void a_tunnel_of_each_mode_carries_packets_both_ways() {
        cluster.command("kubectl", "apply", "-f", "deploy/samples/four-modes.yaml");

        cluster.command("kubectl", "wait", "--for=condition=Ready", "iptunnels", "--all", "--timeout=180s");

        List<IpTunnel> tunnels = cluster.client.resources(IpTunnel.class).list().getItems();
        assertThat(tunnels).hasSize(8);
        for (IpTunnel tunnel : tunnels) {
            String node = tunnel.getSpec().nodeName();
            String own = address(tunnel);
            String peer = own.replaceFirst("[12]$", own.endsWith("1") ? "2" : "1");
            Ping.assertAnswers(cluster, node, peer);
            assertThat(tunnel.getStatus().ifindex())
                    .isEqualTo(cluster.ifindex(node, tunnel.getMetadata().getName()));
            assertThat(cluster.exec(
                                    node,
                                    "cat /sys/class/net/" + tunnel.getMetadata().getName() + "/mtu")
                            .strip())
                    .isEqualTo(String.valueOf(tunnel.getStatus().mtu()));
        }
    }

    private static String address(IpTunnel tunnel) {
        return tunnel.getSpec().addresses().getFirst().address().replaceFirst("/.*", "");
    }

    @Test
    void a_changed_field_is_changed_in_place() {
        cluster.create("changed", Cluster.ipip(1, "192.168.50.1/30"));
        int ifindex = cluster.awaitReady("changed");

        cluster.change("changed", "ttl: 17");

        cluster.awaitCondition("changed", "Ready", "True", "TunnelUp");
        assertThat(cluster.exec("node1", "ip -d link show dev changed")).contains("ttl 17");
        assertThat(cluster.ifindex("node1", "changed")).isEqualTo(ifindex);
    }

    @Test
    void a_deleted_object_takes_its_tunnel_with_it_and_says_so() {
        cluster.create("gone", Cluster.ipip(1, "192.168.50.1/30"));
        cluster.awaitReady("gone");

        cluster.tunnel("gone").delete();

        cluster.await("tunnel gone", () -> !cluster.holds("node1", "gone"));
        cluster.await(
                "Events", () -> cluster.eventReasons("gone").containsAll(List.of("TunnelCreated", "TunnelDeleted")));
    }

    @Test
    void an_object_deleted_and_made_again_keeps_one_working_tunnel() {
        for (int round = 0; round < 5; round++) {
            cluster.create("again", Cluster.ipip(1, "192.168.50.1/30"));
            cluster.tunnel("again").delete();
        }
        cluster.create("again", Cluster.ipip(1, "192.168.50.1/30"));

        assertThat(cluster.awaitReady("again")).isEqualTo(cluster.ifindex("node1", "again"));
    }

    @Test
    void a_node_that_lost_its_power_has_its_tunnels_again() {
        cluster.create("power2", Cluster.ipip(2, "192.168.50.2/30"));
        cluster.awaitReady("power2");

        cluster.command("kill", "node2");
        cluster.command("start", "node2");

        cluster.await("tunnel is back", () -> cluster.holds("node2", "power2"));
        cluster.await("status is of the new tunnel", () -> Integer.valueOf(cluster.ifindex("node2", "power2"))
                .equals(cluster.status("power2").ifindex()));
        cluster.awaitAgents(2);
    }

    @Test
    void a_parent_that_appears_is_found_without_a_touch_of_the_object() {
        cluster.create("waits", IpTunnels.with(Cluster.ipip(1, "192.168.50.1/30"), "parent: later0"));
        cluster.awaitCondition("waits", "Programmed", "False", "ParentNotFound");
        assertThat(cluster.status("waits").conditions())
                .noneMatch(condition -> condition.getType().equals("Stalled"));
        try {
            cluster.exec("node1", "ip link add later0 mtu 1400 type veth peer name later1");

            cluster.awaitCondition("waits", "Programmed", "True", "InSync");

            assertThat(cluster.status("waits").mtu()).isEqualTo(1380);
        } finally {
            cluster.exec("node1", "ip link delete later0");
        }
    }

    @Test
    void a_name_that_somebody_else_has_is_refused_and_theirs_is_left_alone() {
        cluster.exec("node1", "ip link add theirs type veth peer name theirs-peer");
        try {
            cluster.exec("node1", "ip address add 203.0.113.5/32 dev theirs");
            String before = cluster.exec("node1", "ip address show dev theirs");
            cluster.create("theirs", Cluster.ipip(1, "192.168.50.1/30"));

            cluster.awaitCondition("theirs", "Programmed", "False", "InterfaceNameConflict");

            cluster.awaitCondition("theirs", "Stalled", "True", "InterfaceNameConflict");
            assertThat(cluster.exec("node1", "ip address show dev theirs")).isEqualTo(before);
            cluster.await("Event", () -> cluster.eventReasons("theirs").contains("InterfaceNameConflict"));
        } finally {
            cluster.exec("node1", "ip link delete theirs");
        }
    }
}
