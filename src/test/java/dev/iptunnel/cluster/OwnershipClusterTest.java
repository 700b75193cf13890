package dev.iptunnel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Whose an interface and its endpoints are, between an operator, its objects, and those who work by hand. */
@Tag("cluster")
@ExtendWith(DeployedOperator.class)
class OwnershipClusterTest {
    private static final Cluster cluster = new Cluster();

    private static void everywhere(String script) {
        for (int node = 1; node <= DeployedOperator.NODES.size(); node++) {
            cluster.script("node" + node, "own=" + node + " peer=" + (3 - node) + "; " + script);
        }
    }

    private static String alias(String node, String interfaceName) {
        return cluster.exec(node, "cat /sys/class/net/" + interfaceName + "/ifalias")
                .strip();
    }

    private static boolean isTtl(String name, int ttl) {
        return cluster.exec("node1", "ip -d link show dev " + name).contains("ttl " + ttl + " ");
    }

    @Test
    void a_hand_made_tunnel_is_adopted_without_losing_a_packet() {
        everywhere("ip tunnel add hand mode ipip local 10.77.0.$own remote 10.77.0.$peer ttl 64;"
                + "ip address add 192.168.70.$own/30 dev hand; ip link set hand up");
        int ifindex = cluster.ifindex("node1", "hand");
        Ping ping = Ping.start(cluster, "node1", "192.168.70.2");

        for (int node = 1; node <= 2; node++) {
            cluster.create(
                    "hand" + node,
                    IpTunnels.with(
                            Cluster.ipip(node, "192.168.70." + node + "/30"),
                            "interfaceName: hand\nadoptionPolicy: IfIdentical"));
        }

        assertThat(cluster.awaitReady("hand1")).isEqualTo(ifindex);
        cluster.awaitReady("hand2");
        ping.assertNoneLost();
        assertThat(alias("node1", "hand"))
                .contains("uid=" + cluster.tunnel("hand1").get().getMetadata().getUid());
    }

    @Test
    void of_two_objects_with_the_same_endpoints_the_older_has_them_also_after_a_power_cut()
            throws InterruptedException {
        cluster.create("zz-older", Cluster.ipip(2, "192.168.50.2/30"));
        cluster.awaitReady("zz-older");
        Thread.sleep(1100); // timestamps count seconds
        cluster.create("aa-younger", Cluster.ipip(2, "192.168.51.2/30"));
        cluster.awaitCondition("aa-younger", "Stalled", "True", "EndpointConflict");

        cluster.command("kill", "node2");
        cluster.command("start", "node2");

        cluster.await("the tunnel is back", () -> cluster.holds("node2", "zz-older"));
        cluster.await("its status is", () -> Integer.valueOf(cluster.ifindex("node2", "zz-older"))
                .equals(cluster.status("zz-older").ifindex()));
        cluster.awaitCondition("aa-younger", "Stalled", "True", "EndpointConflict");
        assertThat(cluster.holds("node2", "aa-younger")).isFalse();
        cluster.awaitAgents(2);
        cluster.tunnel("zz-older").delete();
        cluster.awaitReady("aa-younger");
        assertThat(cluster.holds("node2", "zz-older")).isFalse();
    }

    @Test
    void a_retained_tunnel_carries_packets_when_its_object_is_gone() {
        cluster.create("retained1", IpTunnels.with(Cluster.ipip(1, "192.168.50.1/30"), "deletionPolicy: Retain"));
        cluster.create("retained2", Cluster.ipip(2, "192.168.50.2/30"));
        int ifindex = cluster.awaitReady("retained1");
        cluster.awaitReady("retained2");
        try {
            cluster.tunnel("retained1").delete();

            cluster.await("Event", () -> cluster.eventReasons("retained1").contains("TunnelRetained"));
            Ping.assertAnswers(cluster, "node1", "192.168.50.2");
            assertThat(alias("node1", "retained1")).isEmpty();
            assertThat(cluster.ifindex("node1", "retained1")).isEqualTo(ifindex);
        } finally {
            cluster.exec("node1", "ip link delete retained1");
        }
    }

    @Test
    void a_paused_object_is_left_as_it_is_until_it_goes_on() {
        cluster.create("paused", Cluster.ipip(1, "192.168.50.1/30"));
        int ifindex = cluster.awaitReady("paused");

        cluster.change("paused", "paused: true\nttl: 17");

        cluster.awaitCondition("paused", "Programmed", "False", "Paused");
        assertThat(isTtl("paused", 64)).isTrue();
        cluster.change("paused", "paused: false");
        cluster.awaitCondition("paused", "Programmed", "True", "InSync");
        assertThat(isTtl("paused", 17)).isTrue();
        assertThat(cluster.ifindex("node1", "paused")).isEqualTo(ifindex);
    }

    @Test
    void two_tunnels_exchange_their_endpoints_in_one_apply(@TempDir Path folder) throws IOException {
        apply(folder, "10.77.0.2", "10.77.0.3");
        int left = cluster.awaitReady("left");
        int right = cluster.awaitReady("right");

        apply(folder, "10.77.0.3", "10.77.0.2");

        cluster.awaitReady("left");
        cluster.awaitReady("right");
        assertThat(cluster.exec("node1", "ip tunnel show left")).contains("remote 10.77.0.3");
        assertThat(cluster.exec("node1", "ip tunnel show right")).contains("remote 10.77.0.2");
        assertThat(List.of(cluster.ifindex("node1", "left"), cluster.ifindex("node1", "right")))
                .containsExactly(left, right);
    }

    private static void apply(Path folder, String leftRemote, String rightRemote) throws IOException {
        Path manifest = Files.writeString(
                folder.resolve("two.yaml"), manifest("left", leftRemote) + "---\n" + manifest("right", rightRemote));
        cluster.command("kubectl", "apply", "-f", manifest.toString());
    }

    private static String manifest(String name, String remote) {
        return """
                apiVersion: iptunnel.dev/v1alpha1
                kind: IpTunnel
                metadata: {name: %s}
                spec: {nodeName: node1, mode: ipip, local: 10.77.0.1, remote: %s}
                """
                .formatted(name, remote);
    }

    @Test
    void traffic_through_the_fallback_device_goes_on() {
        everywhere("ip link set tunl0 up; ip address add 192.168.80.$own/32 dev tunl0;"
                + "ip route add 192.168.80.$peer/32 via 10.77.0.$peer dev tunl0 onlink");
        try {
            Ping ping = Ping.start(cluster, "node1", "192.168.80.2");
            IpTunnelSpec spec = Cluster.ipip(1, "192.168.50.1/30");

            cluster.create("takes-over", spec);

            cluster.awaitCondition("takes-over", "Stalled", "True", "FallbackInUse");
            ping.assertNoneLost();
            assertThat(cluster.holds("node1", "takes-over")).isFalse();
        } finally {
            everywhere("ip address flush dev tunl0; ip link set tunl0 down");
        }
    }
}
