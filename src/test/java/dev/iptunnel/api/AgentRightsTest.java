package dev.iptunnel.api;

import static dev.iptunnel.api.Refusal.forbidden;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** The rights of the agent's token with the manifests in {@code deploy/} and overlays of them. */
@Tag("api")
@ParameterizedClass
@ValueSource(
        strings = {
            "deploy/base",
            "deploy/samples/other-namespace",
            "src/test/resources/dev/iptunnel/overlays/prefixed",
            "src/test/resources/dev/iptunnel/overlays/prefixed-elsewhere"
        })
class AgentRightsTest {
    private static final List<String> NODES = List.of("rights1", "rights2");

    private final DeployedManifests deployed;
    private final KubernetesClient agent1;
    private final KubernetesClient agentOnNoNode;

    AgentRightsTest(String kustomization) throws IOException {
        deployed = DeployedManifests.of(kustomization);
        agent1 = deployed.agentOn("rights1");
        agentOnNoNode = deployed.agentOnNoNode();
    }

    @BeforeEach
    void create() {
        NODES.forEach(
                node -> deployed.admin().resource(IpTunnels.ipip(node, node)).create());
    }

    @AfterEach
    void delete() {
        deployed.admin().resources(IpTunnel.class).delete();
        agent1.close();
        agentOnNoNode.close();
        deployed.close();
    }

    @Test
    void the_status_of_a_tunnel_on_the_agents_node_may_be_written() {
        assertThatCode(() -> writeStatus(agent1, "rights1")).doesNotThrowAnyException();
    }

    @Test
    void the_status_of_a_tunnel_on_another_node_may_not_be_written() {
        assertThat(forbidden(() -> writeStatus(agent1, "rights2")))
                .contains("the agent on node rights1 may not write of a tunnel on node rights2");
    }

    @Test
    void a_token_that_names_no_node_may_write_no_status() {
        assertThat(forbidden(() -> writeStatus(agentOnNoNode, "rights1")))
                .contains("this token of the agent's names no node");
    }

    @Test
    void no_tunnel_may_be_created_changed_or_deleted() {
        var mine = agent1.resources(IpTunnel.class).withName("rights1");
        assertThat(forbidden(() -> mine.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"ttl\":1}}")))
                .contains("cannot patch resource \"iptunnels\"");
        assertThat(forbidden(mine::delete)).contains("cannot delete resource \"iptunnels\"");
        assertThat(forbidden(() ->
                        agent1.resource(IpTunnels.ipip("rights3", "rights3")).create()))
                .contains("cannot create resource \"iptunnels\"");
    }

    @Test
    void only_tunnels_and_one_namespace_may_be_read() {
        assertThat(agent1.resources(IpTunnel.class)
                        .withField("spec.nodeName", "rights1")
                        .list()
                        .getItems())
                .hasSize(1);
        assertThat(agent1.namespaces().withName("kube-system").get()).isNotNull();
        assertThat(forbidden(() -> agent1.namespaces().withName("default").get()))
                .contains("cannot get");
        assertThat(forbidden(() -> agent1.pods().inNamespace(namespace()).list()))
                .contains("cannot list");
        for (var namespace : List.of(namespace(), "default", "kube-system")) {
            assertThat(forbidden(() -> agent1.secrets().inNamespace(namespace).list()))
                    .contains("cannot list");
        }
    }

    @Test
    void events_on_tunnels_may_be_created_only_in_namespace_default() {
        assertThatCode(() -> agent1.resource(AgentEvents.ofAgentOn("rights1", "default"))
                        .create())
                .doesNotThrowAnyException();
        assertThat(forbidden(() -> agent1.resource(AgentEvents.ofAgentOn("rights1", namespace()))
                        .create()))
                .contains("cannot create");
    }

    @Test
    void events_in_the_name_of_another_nodes_agent_are_refused() {
        assertThat(forbidden(() -> agent1.resource(AgentEvents.ofAgentOn("rights2", "default"))
                        .create()))
                .contains("an agent writes Events as iptunnel.dev/agent on its own node");
        assertThat(forbidden(() -> agentOnNoNode
                        .resource(AgentEvents.ofAgentOn("rights1", "default"))
                        .create()))
                .contains("an agent writes Events as iptunnel.dev/agent on its own node");
    }

    @Test
    void the_Lease_of_the_agents_node_may_be_created_and_renewed_and_no_other() {
        var own = AgentLeases.of("rights1", deployed.account());
        try {
            assertThatCode(() -> agent1.resource(own).create()).doesNotThrowAnyException();
            assertThatCode(() -> agent1.resource(own)
                            .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"leaseDurationSeconds\":7}}"))
                    .doesNotThrowAnyException();
            assertThat(forbidden(() -> agent1.resource(own).delete())).contains("cannot delete");
            assertThat(forbidden(() -> agent1.resource(AgentLeases.of("rights2", deployed.account()))
                            .create()))
                    .contains("an agent writes only the Lease of its own node");
            assertThat(forbidden(() -> agentOnNoNode
                            .resource(own)
                            .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"leaseDurationSeconds\":8}}")))
                    .contains("an agent writes only the Lease of its own node");
        } finally {
            deployed.admin().resource(own).delete();
        }
    }

    private String namespace() {
        return deployed.account().getMetadata().getNamespace();
    }

    private static void writeStatus(KubernetesClient client, String tunnel) {
        client.resources(IpTunnel.class)
                .withName(tunnel)
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"ifindex\":7}}");
    }
}
