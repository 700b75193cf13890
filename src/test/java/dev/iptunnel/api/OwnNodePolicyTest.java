package dev.iptunnel.api;

import static dev.iptunnel.api.Request.APPLY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The admission policies alone, as if the agent had more rights than the manifests give it. */
@Tag("api")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OwnNodePolicyTest {
    private static final String TUNNELS = "/apis/iptunnel.dev/v1alpha1/iptunnels";
    private static final String GROUP = "/apis/iptunnel.dev/";
    private static final String EVENTS = "/apis/events.k8s.io/v1/namespaces/default/events";
    private static final String GRANTED = "policy-test";

    private final DeployedManifests deployed;
    private final KubernetesClient agent1;
    private final KubernetesClient agentOnNoNode;

    OwnNodePolicyTest() throws IOException {
        deployed = DeployedManifests.of("deploy/base");
        agent1 = deployed.agentOn("node1");
        agentOnNoNode = deployed.agentOnNoNode();
        deployed.admin()
                .resource(new ClusterRoleBuilder()
                        .withNewMetadata()
                        .withName(GRANTED)
                        .endMetadata()
                        .addNewRule()
                        .withApiGroups("iptunnel.dev", "events.k8s.io", "coordination.k8s.io")
                        .withResources("*")
                        .withVerbs("*")
                        .endRule()
                        .build())
                .create();
        grantAll(deployed.account());
    }

    @BeforeEach
    void create() {
        Stream.of("node1", "node2").forEach(node -> Request.of("POST", TUNNELS, manifest("on-" + node, node))
                .sentBy(deployed.admin()));
    }

    @AfterEach
    void delete() {
        deployed.admin().resources(IpTunnel.class).delete();
    }

    @AfterAll
    void close() {
        deployed.admin().resources(ClusterRoleBinding.class).withLabel(GRANTED).delete();
        deployed.admin().resources(ClusterRole.class).withName(GRANTED).delete();
        agent1.close();
        agentOnNoNode.close();
        deployed.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "DELETE | /on-node2                           | {}",
                "DELETE | ?fieldSelector=spec.nodeName%3Dnode2 | {}",
                "PATCH  | /on-node2        | {'metadata': {'labels': {'a': 'b'}}}",
                "PATCH  | /on-node2/status | {'status': {'mtu': 1234}}",
                "POST   | ``               | {'kind': 'IpTunnel', 'apiVersion': 'iptunnel.dev/VERSION', 'metadata': {'name': 'new'}, 'spec': {'nodeName': 'node2', 'mode': 'ipip', 'local': '192.0.2.1', 'remote': '192.0.2.2'}}",
            })
    void an_agent_may_not_write_for_another_node_in_any_served_version(String method, String path, String body) {
        var versions = servedVersions();
        assertThat(versions).isNotEmpty();
        for (var version : versions) {
            var request = Request.of(
                    method,
                    GROUP + version + "/iptunnels" + path,
                    body.replace('\'', '"').replace("VERSION", version));

            assertThat(request.sentBy(agent1))
                    .startsWith("403 ")
                    .contains("the agent on node node1 may not write of a tunnel on node node2");
        }
    }

    @Test
    void server_side_apply_creates_nothing_on_another_node() {
        var apply = new Request("PATCH", TUNNELS + "/new?fieldManager=thief", APPLY, manifest("new", "node2"));

        assertThat(apply.sentBy(agent1)).contains("the agent on node node1 may not write of a tunnel on node node2");
    }

    @Test
    void a_tunnel_does_not_leave_the_agent_s_node() {
        var moved = Request.of("PATCH", TUNNELS + "/on-node1", "{\"spec\": {\"nodeName\": \"node2\"}}");

        assertThat(moved.sentBy(agent1)).startsWith("422 ").contains("a tunnel stays on its node");
    }

    @Test
    void an_agent_whose_token_names_no_node_may_write_no_Event() {
        var status = Request.of("PATCH", TUNNELS + "/on-node1/status", "{\"status\": {\"mtu\": 1}}");

        assertThat(status.sentBy(agentOnNoNode)).startsWith("403 ").contains("names no node");
    }

    @Test
    void an_account_with_a_name_like_the_agents_is_no_agent() {
        var alike = new ServiceAccountBuilder()
                .withNewMetadata()
                .withName("iptunnel-agent")
                .withNamespace("default")
                .endMetadata()
                .build();
        deployed.admin().resource(alike).createOr(existing -> existing.patch());
        grantAll(alike);
        var status = Request.of("PATCH", TUNNELS + "/on-node2/status", "{\"status\": {\"mtu\": 1}}");

        try (var other = deployed.boundTo("node1", alike)) {
            assertThat(status.sentBy(other)).startsWith("200 ");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "IpTunnel, iptunnel.dev/v1alpha1, iptunnel.dev/agent, node1, 201",
        "Node, v1, iptunnel.dev/agent, node1, an agent writes Events on IpTunnels and on nothing else",
        "IpTunnel, example.org/v1, iptunnel.dev/agent, node1, an agent writes Events on IpTunnels and on nothing else",
        "IpTunnel, iptunnel.dev/v1alpha1, kubelet, node1, an agent writes Events as iptunnel.dev/agent on its own node",
        "IpTunnel, iptunnel.dev/v1alpha1, iptunnel.dev/agent, node2, an agent writes Events as iptunnel.dev/agent on its own",
    })
    void an_agent_may_write_Events_only_on_tunnels_and_in_its_own_name(
            String kind, String apiVersion, String controller, String instance, String expected) {
        var event = Request.of("POST", EVENTS, event(kind, apiVersion, controller, instance));

        assertThat(event.sentBy(agent1)).contains(expected);
    }

    @Test
    void an_agent_may_not_write_an_Event_without_an_object() {
        var event = event("IpTunnel", "iptunnel.dev/v1alpha1", "iptunnel.dev/agent", "node1")
                .replaceFirst("\"regarding\": \\{.*?}, ", "");

        assertThat(Request.of("POST", EVENTS, event).sentBy(agent1))
                .contains("an agent writes Events on IpTunnels and on nothing else");
    }

    @Test
    void an_agent_may_not_change_anothers_Event() {
        var theirs = event("Node", "v1", "kubelet", "node1").replace("\"generateName\": \"e", "\"name\": \"theirs");
        Request.of("POST", EVENTS, theirs).sentBy(deployed.admin());
        var series = "{\"series\": {\"count\": 7, \"lastObservedTime\": \"2026-01-02T03:04:06.000000Z\"}}";

        var answer = Request.of("PATCH", EVENTS + "/theirs", series).sentBy(agent1);

        Request.of("DELETE", EVENTS + "/theirs", "{}").sentBy(deployed.admin());
        assertThat(answer).startsWith("403 ").contains("an agent writes Events as iptunnel.dev/agent on its own node");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "POST   | ``                    | {'metadata': {'name': 'agent.node2'}, 'spec': {'holderIdentity': 'node1'}}",
                "POST   | ``                    | {'metadata': {'name': 'agent.node2'}, 'spec': {'holderIdentity': 'node2'}}",
                "POST   | ``                    | {'metadata': {'name': 'agent.node1'}, 'spec': {'holderIdentity': 'node2'}}",
                "POST   | ``                    | {'metadata': {'generateName': 'agent.node1'}, 'spec': {'holderIdentity': 'node1'}}",
                "PATCH  | /agent.node2          | {'spec': {'renewTime': '2026-01-02T03:04:05.000000Z'}}",
                "PATCH  | /agent.node2          | {'spec': {'holderIdentity': 'node1'}}",
                "DELETE | /agent.node2          | {}",
                "DELETE | ``                    | {}",
                "PATCH  | /iptunnel-controller  | {'spec': {'holderIdentity': 'node1'}}",
            })
    void an_agent_may_not_write_another_Lease_than_its_own(String method, String path, String body) {
        var leases = "/apis/coordination.k8s.io/v1/namespaces/"
                + deployed.account().getMetadata().getNamespace() + "/leases";
        var others = List.of(
                "{\"metadata\": {\"name\": \"agent.node2\"}, \"spec\": {\"holderIdentity\": \"node2\"}}",
                "{\"metadata\": {\"name\": \"iptunnel-controller\"}, \"spec\": {\"holderIdentity\": \"one\"}}");
        others.forEach(other -> Request.of("POST", leases, other).sentBy(deployed.admin()));

        var answer = Request.of(method, leases + path, body.replace('\'', '"')).sentBy(agent1);

        Request.of("DELETE", leases, "{}").sentBy(deployed.admin());
        assertThat(answer).startsWith("403 ").contains("an agent writes only the Lease of its own node");
    }

    private List<String> servedVersions() {
        return deployed
                .admin()
                .apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName("iptunnels.iptunnel.dev")
                .require()
                .getSpec()
                .getVersions()
                .stream()
                .filter(CustomResourceDefinitionVersion::getServed)
                .map(CustomResourceDefinitionVersion::getName)
                .toList();
    }

    private void grantAll(ServiceAccount account) {
        var namespace = account.getMetadata().getNamespace();
        var name = account.getMetadata().getName();
        deployed.admin()
                .resource(new ClusterRoleBindingBuilder()
                        .withNewMetadata()
                        .withName(GRANTED + "." + namespace)
                        .addToLabels(GRANTED, "")
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", GRANTED)
                        .addNewSubject("", "ServiceAccount", name, namespace)
                        .build())
                .create();
        var deadline = Instant.now().plusSeconds(20);
        var user = "--as=system:serviceaccount:" + namespace + ":" + name;
        while (Program.kubectl("auth", "can-i", "delete", "iptunnels", user).exitCode() != 0) {
            assertThat(Instant.now()).as("granted").isBefore(deadline);
        }
    }

    private static String manifest(String name, String node) {
        return """
               {"apiVersion": "iptunnel.dev/v1alpha1", "kind": "IpTunnel", "metadata": {"name": "%s"},
                "spec": {"nodeName": "%s", "mode": "ipip", "local": "192.0.2.1", "remote": "192.0.2.2"}}
               """
                .formatted(name, node);
    }

    private static String event(String kind, String apiVersion, String controller, String instance) {
        return """
               {"apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": {"generateName": "e"}, \
               "regarding": {"kind": "%s", "apiVersion": "%s", "name": "on-node1"}, \
               "reportingController": "%s", "reportingInstance": "%s", "eventTime": "2026-01-02T03:04:05.000000Z", \
               "action": "Program", "reason": "TunnelCreated", "type": "Normal", "note": "a tunnel was made"}
               """
                .formatted(kind, apiVersion, controller, instance);
    }
}
