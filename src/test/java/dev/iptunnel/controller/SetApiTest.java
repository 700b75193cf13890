package dev.iptunnel.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.iptunnel.api.Edits;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSetStatus;
import dev.iptunnel.api.v1alpha1.set.NodeCounts;
import dev.iptunnel.api.v1alpha1.set.PoolCounts;
import dev.iptunnel.api.v1alpha1.set.RolloutStatus;
import dev.iptunnel.api.v1alpha1.set.TunnelCounts;
import dev.iptunnel.controller.cluster.StoredTunnel;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The controller on a real API server, with Node objects and simulated agents. */
@Tag("sets")
class SetApiTest {
    @RegisterExtension
    final ControlledCluster cluster = new ControlledCluster();

    private static String mesh(String more) {
        return """
                apiVersion: iptunnel.dev/v1alpha1
                kind: IpTunnelSet
                metadata: {name: backbone}
                spec:
                  nodeSelector: {matchLabels: {iptunnel.dev/test: "true"}}
                  topology: {type: Mesh}
                  addressPool: {cidrs: [10.200.0.0/24]}
                  rollout: {minReadySeconds: 0, maxUnavailable: 100%%}
                  template: {spec: {mode: ipip, ttl: 64%s}}
                """
                .formatted(more);
    }

    @Test
    void a_mesh_of_three_nodes_has_six_tunnels_that_mirror_one_another() {
        cluster.nodes(3);
        cluster.start();

        cluster.apply(mesh(""));

        cluster.awaitCondition("backbone", "Ready", "True", "AllTunnelsReady");
        List<StoredTunnel> tunnels = cluster.tunnels("backbone");
        assertThat(tunnels).hasSize(6);
        Set<String> ends = tunnels.stream()
                .map(tunnel -> tunnel.text("local") + " " + tunnel.text("remote"))
                .collect(Collectors.toSet());
        assertThat(ends).hasSize(6).allSatisfy(end -> {
            String[] words = end.split(" ", 2);
            assertThat(ends).contains(words[1] + " " + words[0]);
        });
        IpTunnelSetStatus status = cluster.status("backbone").orElseThrow();
        assertThat(status.currentRevision()).isEqualTo("backbone-r1");
        assertThat(status.tunnels()).isEqualTo(new TunnelCounts(6, 6, 6, 6, 0, 0));
        assertThat(status.nodes()).isEqualTo(new NodeCounts(3, 3, 3, 3, 0, 0, 0, 0));
        assertThat(status.pool()).isEqualTo(new PoolCounts(254, 3, 0));
        assertThat(status.rollout()).isEqualTo(new RolloutStatus("Idle", null, null, null, null));
    }

    @Test
    void a_node_that_joins_is_connected_and_moves_no_address() {
        cluster.nodes(2);
        cluster.start();
        cluster.apply(mesh(""));
        cluster.awaitCondition("backbone", "Ready", "True", "AllTunnelsReady");
        List<String> before = cluster.each(
                "backbone",
                tunnel -> tunnel.getMetadata().getUid() + tunnel.getMetadata().getGeneration());

        cluster.node(3);

        cluster.await("there are six tunnels", () -> cluster.tunnels("backbone").size() == 6);
        cluster.awaitCondition("backbone", "Ready", "True", "AllTunnelsReady");
        assertThat(cluster.each(
                        "backbone",
                        tunnel -> tunnel.getMetadata().getUid()
                                + tunnel.getMetadata().getGeneration()))
                .containsAll(before);
    }

    @Test
    void a_changed_template_reaches_every_tunnel() {
        cluster.nodes(3);
        cluster.start();
        cluster.apply(mesh(""));
        cluster.awaitCondition("backbone", "Ready", "True", "AllTunnelsReady");

        cluster.apply(mesh(", mtu: 1400"));

        cluster.await("all tunnels have the MTU", () -> cluster.tunnels("backbone").stream()
                .allMatch(tunnel -> tunnel.text("mtu").equals("1400")));
        cluster.awaitCondition("backbone", "Ready", "True", "AllTunnelsReady");
        cluster.await("the revision is good", () -> "backbone-r2"
                .equals(cluster.status("backbone").orElseThrow().currentRevision()));
    }

    @Test
    void a_bad_template_hurts_the_canary_alone() {
        cluster.nodes(3);
        cluster.start();
        cluster.apply(mesh(""));
        cluster.awaitCondition("backbone", "Ready", "True", "AllTunnelsReady");
        cluster.agents().refuse(tunnel -> tunnel.text("parent").equals("nowhere0"));

        cluster.apply(mesh(", parent: nowhere0"));

        cluster.awaitCondition("backbone", "Stalled", "True", "RolloutFailed");
        assertThat(cluster.tunnels("backbone").stream()
                        .filter(tunnel -> tunnel.text("parent").equals("nowhere0"))
                        .map(StoredTunnel::nodeName)
                        .collect(Collectors.toSet()))
                .hasSize(1);
        assertThat(cluster.status("backbone").orElseThrow().failedRevisions()).containsExactly("backbone-r2");
        assertThat(cluster.status("backbone").map(IpTunnelSetStatus::rollout).map(RolloutStatus::failedMessage))
                .get(STRING)
                .contains("nowhere0");
    }

    @Test
    void a_tunnel_that_somebody_deletes_or_changes_is_put_back() {
        cluster.nodes(2);
        cluster.start();
        cluster.apply(mesh(""));
        cluster.awaitCondition("backbone", "Ready", "True", "AllTunnelsReady");
        List<StoredTunnel> tunnels = cluster.tunnels("backbone");
        StoredTunnel changed = tunnels.getFirst();
        String deleted = tunnels.getLast().getMetadata().getName();

        cluster.client.resource(tunnels.getLast()).delete();
        Edits.edit(
                cluster.client
                        .resources(StoredTunnel.class)
                        .withName(changed.getMetadata().getName()),
                tunnel -> {
                    tunnel.getSpec().put("ttl", 3).put("paused", true);
                    return tunnel;
                });

        cluster.await(
                "both are as before",
                () -> cluster.tunnels("backbone").size() == 2
                        && cluster.tunnels("backbone").stream()
                                .allMatch(tunnel -> tunnel.text("ttl").equals("64")));
        assertThat(cluster.each("backbone", tunnel -> tunnel.getMetadata().getName()))
                .contains(deleted);
        assertThat(cluster.each("backbone", tunnel -> tunnel.text("paused"))).contains("true");
    }

    @Test
    void nothing_is_written_while_nothing_changes() throws InterruptedException {
        cluster.nodes(3);
        cluster.start();
        cluster.apply(mesh(""));
        cluster.awaitCondition("backbone", "Ready", "True", "AllTunnelsReady");
        cluster.await(
                "the ends know each other",
                () ->
                        cluster
                                .each("backbone", tunnel -> tunnel.condition("Paired")
                                        .map(Condition::getReason)
                                        .orElse(""))
                                .stream()
                                .allMatch("PeerReady"::equals));
        Thread.sleep(5000);
        List<String> before = versions();

        Thread.sleep(40_000);

        assertThat(versions()).isEqualTo(before);
    }

    private List<String> versions() {
        return Stream.concat(
                        cluster.set("backbone").stream()
                                .map(set -> set.getMetadata().getResourceVersion()),
                        cluster.each("backbone", tunnel -> tunnel.getMetadata().getResourceVersion()).stream())
                .toList();
    }
}
