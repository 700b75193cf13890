package dev.iptunnel.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever an overlay renames, its agents have the limits of those of the base. */
@Tag("api")
class OverlaidPolicyTest {
    private static final String OTHER_NAMESPACE = "deploy/samples/other-namespace";
    private static final String ALL_RENAMED = "src/test/resources/dev/iptunnel/deploy/renamed-installation";

    @ParameterizedTest
    @ValueSource(strings = {OTHER_NAMESPACE, ALL_RENAMED})
    void an_overlays_agent_may_write_only_for_its_own_node(String kustomization) throws IOException {
        try (var deployed = DeployedManifests.of(kustomization);
                var agent1 = deployed.agentOn("node1");
                var agentOnNoNode = deployed.agentOnNoNode()) {
            deployed.createTunnel("on-node1", "node1");
            deployed.createTunnel("on-node2", "node2");
            try {
                assertThat(writesStatus("on-node1", agent1)).startsWith("200 ");
                assertThat(writesStatus("on-node2", agent1))
                        .contains("the agent on node node1 may not write of a tunnel on node node2");
                assertThat(writesStatus("on-node1", agentOnNoNode)).contains("names no node");
            } finally {
                deployed.admin().resources(IpTunnel.class).delete();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {OTHER_NAMESPACE, ALL_RENAMED})
    void an_overlays_agent_may_write_Events_only_in_its_own_name(String kustomization) throws IOException {
        try (var deployed = DeployedManifests.of(kustomization);
                var agent1 = deployed.agentOn("node1")) {
            assertThatCode(() -> agent1.resource(AgentEvents.ofAgentOn("node1", "default"))
                            .create())
                    .doesNotThrowAnyException();
            assertThatThrownBy(() -> agent1.resource(AgentEvents.ofAgentOn("node2", "default"))
                            .create())
                    .hasMessageContaining("an agent writes Events as iptunnel.dev/agent on its own node");
        }
    }

    private static String writesStatus(String tunnel, KubernetesClient agent) {
        return Request.of(
                        "PATCH",
                        "/apis/iptunnel.dev/v1alpha1/iptunnels/" + tunnel + "/status",
                        "{\"status\": {\"mtu\": 1234}}")
                .sentBy(agent);
    }
}
