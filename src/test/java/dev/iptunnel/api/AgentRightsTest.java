package dev.iptunnel.api;

import static dev.iptunnel.api.Refusal.forbidden;
import static java.lang.ProcessBuilder.Redirect.DISCARD;
import static java.lang.ProcessBuilder.Redirect.INHERIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.authentication.BoundObjectReference;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/** What the agent's token may do under the manifests in {@code deploy/}, and what it may not. */
@Tag("api")
@ParameterizedClass
@CsvSource({"deploy/base, iptunnel-system", "deploy/samples/other-namespace, network"})
class AgentRightsTest {
    private static final List<String> NODES = List.of("rights1", "rights2");

    private final String namespace;
    private final KubernetesClient admin = new KubernetesClientBuilder().build();
    private final KubernetesClient agent1;
    private final KubernetesClient unbound;

    @BeforeParameterizedClassInvocation
    static void deploy(String kustomization, String namespace) throws IOException, InterruptedException {
        ApiServer.connect().close();
        var kubectl = new ProcessBuilder("kubectl", "apply", "--server-side", "--force-conflicts", "-k", kustomization);
        assertThat(kubectl.redirectOutput(DISCARD)
                        .redirectError(INHERIT)
                        .start()
                        .waitFor())
                .isZero();
    }

    AgentRightsTest(String kustomization, String namespace) throws InterruptedException {
        this.namespace = namespace;
        for (var node : NODES) {
            admin.resource(new NodeBuilder()
                            .withNewMetadata()
                            .withName(node)
                            .endMetadata()
                            .build())
                    .createOr(existing -> existing.patch());
            admin.resource(tunnelOn(node)).createOr(existing -> existing.patch());
        }
        var pod = admin.resource(agentPodOn("rights1")).createOr(existing -> existing.patch());
        agent1 = agent(new TokenRequestBuilder()
                .withNewSpec()
                .withBoundObjectRef(new BoundObjectReference(
                        "v1",
                        "Pod",
                        pod.getMetadata().getName(),
                        pod.getMetadata().getUid()))
                .endSpec()
                .build());
        unbound = agent(new TokenRequestBuilder().withNewSpec().endSpec().build());
        awaitPolicy();
    }

    @AfterEach
    void delete() {
        admin.resource(agentPodOn("rights1")).withGracePeriod(0).delete();
        for (var node : NODES) {
            admin.resource(tunnelOn(node)).delete();
            admin.nodes().withName(node).delete();
        }
        List.of(agent1, unbound, admin).forEach(KubernetesClient::close);
    }

    @Test
    void the_status_of_a_tunnel_on_the_agent_s_node_may_be_written() {
        assertThatCode(() -> writeStatus(agent1, "rights1")).doesNotThrowAnyException();
    }

    @Test
    void the_status_of_a_tunnel_on_another_node_may_not() {
        assertThat(forbidden(() -> writeStatus(agent1, "rights2")))
                .contains("the agent on node rights1 may not write of a tunnel on node rights2");
    }

    @Test
    void a_token_that_names_no_node_may_write_no_status() {
        assertThat(forbidden(() -> writeStatus(unbound, "rights1")))
                .contains("this token of the agent's names no node");
    }

    @Test
    void no_tunnel_may_be_made_changed_or_removed() {
        var mine = agent1.resources(IpTunnel.class).withName("rights1");
        assertThat(forbidden(() -> mine.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"ttl\":1}}")))
                .contains("cannot patch resource \"iptunnels\"");
        assertThat(forbidden(mine::delete)).contains("cannot delete resource \"iptunnels\"");
        assertThat(forbidden(() -> agent1.resource(tunnelOn("rights3")).create()))
                .contains("cannot create resource \"iptunnels\"");
    }

    @Test
    void tunnels_and_the_one_namespace_may_be_read_and_nothing_else() {
        assertThat(agent1.resources(IpTunnel.class)
                        .withField("spec.nodeName", "rights1")
                        .list()
                        .getItems())
                .hasSize(1);
        assertThat(agent1.namespaces().withName("kube-system").get()).isNotNull();
        assertThat(forbidden(() -> agent1.namespaces().withName("default").get()))
                .contains("cannot get");
        assertThat(forbidden(() -> agent1.pods().inNamespace(namespace).list())).contains("cannot list");
        assertThat(forbidden(() -> agent1.secrets().inNamespace(namespace).list()))
                .contains("cannot list");
    }

    @Test
    void events_may_be_made_in_namespace_default_and_nowhere_else() {
        assertThatCode(() -> agent1.resource(eventIn("default")).create()).doesNotThrowAnyException();
        assertThat(forbidden(() -> agent1.resource(eventIn(namespace)).create()))
                .contains("cannot create");
    }

    /** The API server takes a new policy up within a second or so. */
    private void awaitPolicy() throws InterruptedException {
        for (var deadline = Instant.now().plusSeconds(15); Instant.now().isBefore(deadline); Thread.sleep(100)) {
            try {
                writeStatus(unbound, "rights1");
            } catch (KubernetesClientException refused) {
                if (String.valueOf(refused.getMessage()).contains("names no node")) {
                    return;
                }
            }
        }
    }

    private static void writeStatus(KubernetesClient client, String tunnel) {
        client.resources(IpTunnel.class)
                .withName(tunnel)
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"ifindex\":7}}");
    }

    private KubernetesClient agent(TokenRequest request) {
        var answer = admin.serviceAccounts()
                .inNamespace(namespace)
                .withName("iptunnel-agent")
                .tokenRequest(request);
        return ApiServer.connect(admin.getConfiguration(), answer.getStatus().getToken());
    }

    private Pod agentPodOn(String node) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("agent-on-" + node)
                .withNamespace(namespace)
                .endMetadata()
                .withNewSpec()
                .withNodeName(node)
                .withServiceAccountName("iptunnel-agent")
                .addNewContainer()
                .withName("agent")
                .withImage("iptunnel")
                .endContainer()
                .endSpec()
                .build();
    }

    private static IpTunnel tunnelOn(String node) {
        return IpTunnels.tunnel(
                node,
                IpTunnels.spec(
                        """
                nodeName: %s
                mode: ipip
                local: 192.0.2.1
                remote: 192.0.2.2
                """,
                        node));
    }

    private static Event eventIn(String namespace) {
        return new EventBuilder()
                .withNewMetadata()
                .withGenerateName("rights1-")
                .withNamespace(namespace)
                .endMetadata()
                .withNewEventTime("2026-01-02T03:04:05.000000Z")
                .withReportingController("iptunnel.dev/agent")
                .withReportingInstance("rights1")
                .withAction("Create")
                .withReason("Created")
                .withType("Normal")
                .withNote("tunnel rights1 was made")
                .build();
    }
}
