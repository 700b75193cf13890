package dev.iptunnel.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.Edits;
import dev.iptunnel.api.Program;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import dev.iptunnel.deploy.ArgoCdHealth;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What kstatus (Flux, {@code kubectl} plug-ins) and Argo CD make of the statuses that the controller writes. */
@Tag("sets")
class SetHealthTest {
    @RegisterExtension
    final ControlledCluster cluster = new ControlledCluster();

    private void apply(String rollout, String template) {
        cluster.apply(
                """
                apiVersion: iptunnel.dev/v1alpha1
                kind: IpTunnelSet
                metadata: {name: backbone}
                spec:
                  nodeSelector: {matchLabels: {iptunnel.dev/test: "true"}}
                  topology: {type: Mesh}
                  addressPool: {cidrs: [10.200.0.0/24]}
                  rollout: {minReadySeconds: 0, maxUnavailable: 100%%%s}
                  template: {spec: {mode: ipip%s}}
                """
                        .formatted(rollout, template));
    }

    private void applyAndAwaitReady() {
        cluster.nodes(2);
        cluster.start();
        apply("", "");
        cluster.awaitCondition("backbone", "Ready", "True", "AllTunnelsReady");
    }

    private void assertHealth(String kstatus, String argocd) {
        IpTunnelSet set = cluster.set("backbone").orElseThrow();
        assertThat(Program.runWith(Serialization.asYaml(set), "kstatus").requireOutput())
                .startsWith(kstatus + " ");
        assertThat(ArgoCdHealth.of(set)).startsWith(argocd);
    }

    @Test
    void a_set_whose_tunnels_are_ready_is_done() {
        applyAndAwaitReady();

        assertHealth("Current", "Healthy AllTunnelsReady: All tunnels are ready.");
    }

    @Test
    void a_set_that_no_controller_has_seen_is_waited_for() {
        apply("", "");

        assertHealth("InProgress", "Progressing Pending: ");
    }

    @Test
    void a_spec_that_the_controller_has_not_seen_is_waited_for() {
        applyAndAwaitReady();
        cluster.stop();

        apply("", ", ttl: 17");

        assertHealth("InProgress", "Progressing the controller of IpTunnelSets has not seen this spec yet");
    }

    @Test
    void a_set_that_selects_no_node_is_waited_for() {
        cluster.nodes(1);
        Edits.edit(cluster.client.nodes().withName("node1"), node -> new NodeBuilder(node)
                .editMetadata()
                .removeFromLabels("iptunnel.dev/test")
                .endMetadata()
                .build());
        cluster.start();

        apply("", "");

        cluster.awaitCondition("backbone", "Ready", "False", "NoNodesSelected");
        assertHealth("InProgress", "Progressing NoNodesSelected: ");
    }

    @Test
    void a_set_whose_template_broke_a_node_has_failed() {
        applyAndAwaitReady();
        cluster.agents().refuse(tunnel -> tunnel.text("parent").equals("nowhere0"));

        apply("", ", parent: nowhere0");

        cluster.awaitCondition("backbone", "Stalled", "True", "RolloutFailed");
        assertHealth("Failed", "Degraded RolloutFailed: ");
    }

    @Test
    void a_set_whose_roll_out_is_paused_is_waited_for_by_kstatus_which_knows_no_pause() {
        applyAndAwaitReady();

        apply(", paused: true", ", ttl: 17");

        cluster.awaitCondition("backbone", "Ready", "False", "RollingOut");
        assertHealth("InProgress", "Suspended Paused: ");
    }
}
