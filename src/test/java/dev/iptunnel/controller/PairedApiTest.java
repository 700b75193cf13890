package dev.iptunnel.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.controller.cluster.StoredTunnel;
import io.fabric8.kubernetes.api.model.Condition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The controller compares the ends of tunnels that no set made, with the account and the policies of its deployment. */
@Tag("sets")
class PairedApiTest {
    @RegisterExtension
    final ControlledCluster cluster = new ControlledCluster();

    private void create(String name, String node, String local, String remote) {
        cluster.client
                .resource(IpTunnels.tunnel(
                        name,
                        IpTunnels.spec(
                                """
                                nodeName: %s
                                mode: ipip
                                local: %s
                                remote: %s
                                """,
                                node, local, remote)))
                .create();
    }

    private Condition paired(String name) {
        return cluster.client
                .resources(StoredTunnel.class)
                .withName(name)
                .require()
                .condition("Paired")
                .orElseGet(Condition::new);
    }

    private void awaitReason(String name, String reason) {
        cluster.await(
                name + " is " + reason,
                () -> reason.equals(paired(name).getReason()),
                () -> String.valueOf(paired(name)));
    }

    @Test
    void the_ends_of_a_pair_say_what_the_controller_knows_of_each_other() {
        try (DeployedController deployed = new DeployedController(cluster.client)) {
            cluster.nodes(2);
            create("a", "node1", "192.0.2.1", "192.0.2.2");
            create("far", "node1", "192.0.2.1", "198.51.100.7");
            cluster.start(deployed.user());

            awaitReason("a", "PeerMissing");
            awaitReason("far", "PeerOutsideCluster");
            create("b", "node2", "192.0.2.2", "192.0.2.1");
            awaitReason("b", "PeerReady");
            awaitReason("a", "PeerReady");
            assertThat(paired("a").getMessage()).isEqualTo("IpTunnel b on node node2 is the other end");
            assertThat(cluster.client
                            .resources(StoredTunnel.class)
                            .withName("a")
                            .require()
                            .condition("Ready"))
                    .as("the agent's own condition stays")
                    .isPresent();
            cluster.client.resources(IpTunnel.class).withName("b").delete();
            awaitReason("a", "PeerMissing");
            cluster.stop();
        }
    }
}
