package dev.iptunnel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of tunnels whose objects disappear while nobody looks, or by no wish of anybody. */
@Tag("cluster")
@ExtendWith(DeployedOperator.class)
class OrphansClusterTest {
    private static final Cluster cluster = new Cluster();

    /** The first one leads to the other node. */
    private static Map<String, IpTunnelSpec> onNode1(int count) {
        return IntStream.range(0, count)
                .boxed()
                .collect(Collectors.toMap(
                        i -> "lost" + i,
                        i -> IpTunnels.spec(
                                """
                                nodeName: node1
                                mode: ipip
                                local: 10.77.0.1
                                remote: 10.77.0.%d
                                addresses: [{address: 192.168.%d.1/30}]
                                """,
                                2 + i, 50 + i)));
    }

    private static Map<String, Integer> ifindexes(Map<String, IpTunnelSpec> tunnels) {
        return tunnels.keySet().stream()
                .collect(Collectors.toMap(Function.identity(), name -> cluster.ifindex("node1", name)));
    }

    private static void create(Map<String, IpTunnelSpec> tunnels) {
        tunnels.forEach(cluster::create);
        tunnels.keySet().forEach(cluster::awaitReady);
    }

    @Test
    void objects_deleted_or_made_again_while_the_agent_is_down_are_followed_when_it_is_back() {
        create(onNode1(2));
        int kept = cluster.ifindex("node1", "lost0");
        cluster.create("again", Cluster.ipip(2, "192.168.50.2/30"));
        int again = cluster.awaitReady("again");
        cluster.stopAgents();
        cluster.tunnel("lost1").delete();
        cluster.tunnel("again").delete();
        cluster.create("again", Cluster.ipip(2, "192.168.50.2/30"));
        assertThat(cluster.holds("node1", "lost1")).isTrue();

        cluster.startAgents();

        cluster.await("orphan removed", () -> !cluster.holds("node1", "lost1"));
        assertThat(cluster.ifindex("node1", "lost0")).isEqualTo(kept);
        assertThat(cluster.awaitReady("again")).isEqualTo(again);
        assertThat(cluster.ifindex("node2", "again")).isEqualTo(again);
    }

    @Test
    void a_crd_that_is_removed_and_put_back_costs_no_packet() {
        Map<String, IpTunnelSpec> tunnels = onNode1(2);
        create(tunnels);
        Map<String, Integer> before = ifindexes(tunnels);
        cluster.script(
                "node2",
                "ip tunnel add back mode ipip local 10.77.0.2 remote 10.77.0.1 ttl 64;"
                        + "ip address add 192.168.50.2/30 dev back; ip link set back up");
        try {
            Ping ping = Ping.start(cluster, "node1", "192.168.50.2");

            cluster.command("kubectl", "delete", "crd", "iptunnels.iptunnel.dev");
            cluster.command("kubectl", "apply", "-k", "crds");
            cluster.command("kubectl", "wait", "--for=condition=Established", "crd", "iptunnels.iptunnel.dev");

            create(tunnels);
            ping.assertNoneLost();
            assertThat(ifindexes(tunnels)).isEqualTo(before);
        } finally {
            cluster.exec("node2", "ip link delete back");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5})
    void tunnels_made_after_the_snapshot_that_etcd_was_restored_from_are_held(int count, @TempDir Path folder) {
        cluster.create("kept", Cluster.ipip(2, "192.168.50.2/30"));
        int kept = cluster.awaitReady("kept");
        String snapshot = folder.resolve("etcd").toString();
        cluster.command("snapshot", snapshot);
        Map<String, IpTunnelSpec> tunnels = onNode1(count);
        create(tunnels);
        Map<String, Integer> before = ifindexes(tunnels);
        Ping ping = Ping.start(cluster, "node1", "192.168.50.2");

        cluster.command("restore", snapshot);

        assertThat(cluster.tunnel("lost0").get()).isNull();
        cluster.await("the agent of node1 holds them", () -> agentsLog("node1")
                .contains("%1$d of %1$d tunnels seem to have no".formatted(count)));
        assertThat(ifindexes(tunnels)).isEqualTo(before);
        create(tunnels);
        ping.assertNoneLost();
        assertThat(ifindexes(tunnels)).isEqualTo(before);
        assertThat(cluster.ifindex("node2", "kept")).isEqualTo(kept);
        // Its agent watches again. Were it not for that, a deletion now would be one that a list lacks, and be held
        // too.
        cluster.change("kept", "ttl: 9");
        cluster.awaitReady("kept");
    }

    private static String agentsLog(String node) {
        List<String> pods = cluster.client.pods().inNamespace(Cluster.NAMESPACE).list().getItems().stream()
                .filter(pod -> node.equals(pod.getSpec().getNodeName()))
                .map(pod -> pod.getMetadata().getName())
                .toList();
        return pods.stream()
                .map(pod -> cluster.client
                        .pods()
                        .inNamespace(Cluster.NAMESPACE)
                        .withName(pod)
                        .getLog())
                .collect(Collectors.joining());
    }
}
