package dev.iptunnel.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.Edits;
import dev.iptunnel.api.v1alpha1.set.NodeCounts;
import dev.iptunnel.api.v1alpha1.set.PoolCounts;
import dev.iptunnel.api.v1alpha1.set.TunnelCounts;
import dev.iptunnel.controller.cluster.StoredTunnel;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Nodes that come, go, come back and change, on a real API server. */
@Tag("sets")
class SetMembershipApiTest {
    private static final SetManifest MESH = SetManifest.mesh("backbone");

    @RegisterExtension
    final ControlledCluster cluster = new ControlledCluster();

    private void ready() {
        cluster.awaitCondition("backbone", "Ready", "True", "AllTunnelsReady");
    }

    private List<String> objects() {
        return cluster.each("backbone", tunnel -> tunnel.getMetadata().getUid());
    }

    private List<String> contents() {
        return cluster.each(
                "backbone",
                tunnel -> tunnel.getMetadata().getUid() + tunnel.getMetadata().getGeneration() + tunnel.getSpec());
    }

    private void label(String node, String value) {
        Edits.edit(cluster.client.nodes().withName(node), now -> {
            now.getMetadata().getLabels().put("iptunnel.dev/test", value);
            return now;
        });
    }

    @Test
    void a_Node_that_is_registered_again_keeps_its_tunnels() {
        cluster.nodes(3);
        cluster.start();
        cluster.apply(MESH.yaml());
        ready();
        List<String> before = contents();

        cluster.client.nodes().withName("node3").delete();
        cluster.await("the set says so", () -> cluster.status("backbone")
                .filter(status -> Objects.requireNonNull(status.nodes()).selected() == 2)
                .isPresent());
        assertThat(objects()).hasSize(6);
        cluster.node(3);

        cluster.await("the set says so", () -> cluster.status("backbone")
                .filter(status -> Objects.requireNonNull(status.nodes()).selected() == 3)
                .isPresent());
        ready();
        assertThat(contents()).isEqualTo(before);
    }

    @Test
    void a_label_that_is_away_for_less_than_leaveSeconds_changes_nothing() {
        cluster.nodes(3);
        cluster.start();
        cluster.apply(MESH.yaml("true", 60));
        ready();
        List<String> before = contents();

        label("node3", "mistyped");
        cluster.await("the set says so", () -> cluster.status("backbone")
                .filter(status -> Objects.requireNonNull(status.nodes()).selected() == 2)
                .isPresent());
        label("node3", "true");

        cluster.await("the set says so", () -> cluster.status("backbone")
                .filter(status -> Objects.requireNonNull(status.nodes()).selected() == 3)
                .isPresent());
        assertThat(contents()).isEqualTo(before);
    }

    @Test
    void a_node_that_left_is_in_no_count() {
        cluster.nodes(3);
        cluster.start();
        cluster.apply(MESH.yaml());
        ready();

        label("node3", "left");

        cluster.await("its tunnels are gone", () -> objects().size() == 2);
        cluster.await(
                "the status counts two nodes and their tunnels",
                () -> cluster.status("backbone")
                        .filter(status -> new NodeCounts(2, 2, 2, 2, 0, 0, 0, 0).equals(status.nodes())
                                && new TunnelCounts(2, 2, 2, 2, 0, 0).equals(status.tunnels())
                                && new PoolCounts(254, 2, 1).equals(status.pool()))
                        .isPresent(),
                () -> String.valueOf(cluster.status("backbone")));
        ready();
    }

    @Test
    void a_mistyped_selector_removes_nothing_until_somebody_confirms_it() {
        cluster.nodes(12);
        cluster.start();
        SetManifest perNode = SetManifest.perNode("backbone");
        cluster.apply(perNode.yaml());
        ready();
        List<String> before = contents();

        long generation =
                cluster.apply(perNode.yaml("mistyped", 0)).getMetadata().getGeneration();

        cluster.awaitCondition("backbone", "Stalled", "True", "MassRemovalHeld");
        assertThat(contents()).isEqualTo(before);
        assertThat(cluster.condition("backbone", "Stalled").orElseThrow().getMessage())
                .contains("iptunnel.dev/confirm-removal=" + generation);

        cluster.apply(perNode.annotated("iptunnel.dev/confirm-removal", Long.toString(generation))
                .yaml("mistyped", 0));
        cluster.await("all are removed", () -> objects().isEmpty());
        cluster.awaitCondition("backbone", "Ready", "False", "NoNodesSelected");
    }

    @Test
    void a_node_that_is_down_is_left_out_of_a_roll_out_and_updated_when_it_returns() {
        cluster.nodes(3);
        cluster.start();
        cluster.apply(MESH.yaml());
        ready();
        cluster.agents().silence("node3");
        cluster.ready("node3", "Unknown", "192.0.2.3");
        cluster.await("the set says so", () -> cluster.condition("backbone", "Ready")
                .filter(ready -> ready.getReason().equals("ReachableNodesReady"))
                .isPresent());

        cluster.apply(MESH.template("ttl: 65").yaml());

        cluster.await("the roll-out is done", () -> "backbone-r2"
                .equals(cluster.status("backbone").orElseThrow().currentRevision()));
        cluster.awaitCondition("backbone", "Ready", "True", "ReachableNodesReady");
        assertThat(Objects.requireNonNull(
                                cluster.status("backbone").orElseThrow().nodes())
                        .deferred())
                .isEqualTo(1);
        assertThat(ttls("node3")).containsOnly("64");

        cluster.agents().wake("node3");
        cluster.ready("node3", "True", "192.0.2.3");

        cluster.await("it is updated", () -> ttls("node3").equals(List.of("65", "65")));
        ready();
        assertThat(Objects.requireNonNull(
                                cluster.status("backbone").orElseThrow().nodes())
                        .deferred())
                .isZero();
    }

    private List<String> ttls(String node) {
        return cluster.tunnels("backbone").stream()
                .filter(tunnel -> tunnel.nodeName().equals(node))
                .map(tunnel -> tunnel.text("ttl"))
                .toList();
    }

    @Test
    void peers_follow_a_changed_address_and_not_a_changed_order() throws InterruptedException {
        cluster.nodes(3);
        cluster.start();
        cluster.apply(MESH.yaml());
        ready();
        List<String> objects = objects();

        cluster.ready("node3", "True", "192.0.2.33");

        cluster.await("all ends follow", () -> cluster.tunnels("backbone").stream()
                .allMatch(SetMembershipApiTest::hasNewAddress));
        ready();
        assertThat(objects()).isEqualTo(objects);
        List<String> before = contents();

        cluster.ready("node3", "True", "192.0.2.34", "192.0.2.33");

        Thread.sleep(6000);
        assertThat(contents()).isEqualTo(before);
    }

    private static boolean hasNewAddress(StoredTunnel tunnel) {
        String node3 = "192.0.2.33";
        boolean isOfNode3 = tunnel.nodeName().equals("node3");
        boolean isToNode3 = "node3".equals(tunnel.annotations().get("iptunnel.dev/peer-node"));
        return tunnel.text("local").equals(node3) == isOfNode3
                && tunnel.text("remote").equals(node3) == isToNode3;
    }
}
