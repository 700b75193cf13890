package dev.iptunnel.api;

import static dev.iptunnel.api.Request.APPLY;
import static dev.iptunnel.api.Request.MERGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/** What somebody can do with a stolen token of node1's agent. */
@Tag("api")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StolenTokenTest {
    private static final String TUNNELS = "/apis/iptunnel.dev/v1alpha1/iptunnels";

    private static final String EVERYTHING =
            """
            {"apiVersion": "iptunnel.dev/v1alpha1", "kind": "IpTunnel", "metadata": {"name": "%s",
              "labels": {"a": "b"}, "annotations": {"a": "b"}, "finalizers": ["example.org/keep"],
              "ownerReferences": [{"apiVersion": "v1", "kind": "Node", "name": "node1", "uid": "u"}],
              "managedFields": %s},
             "spec": {"nodeName": "%s", "mode": "sit", "ttl": 7, "local": "192.0.2.9"},
             "status": {"mtu": 1234}}
            """;
    private static final String EVERYTHING_BY_OPERATIONS =
            """
            [{"op": "replace", "path": "/metadata/name", "value": "%s"},
             {"op": "add", "path": "/metadata/labels", "value": {"a": "b"}},
             {"op": "add", "path": "/metadata/annotations", "value": {"a": "b"}},
             {"op": "add", "path": "/metadata/finalizers", "value": ["example.org/keep"]},
             {"op": "add", "path": "/metadata/deletionTimestamp", "value": "2026-01-02T03:04:05Z"},
             {"op": "add", "path": "/metadata/managedFields", "value": %s},
             {"op": "replace", "path": "/spec/nodeName", "value": "%s"},
             {"op": "replace", "path": "/spec/mode", "value": "sit"},
             {"op": "add", "path": "/status/mtu", "value": 1234}]
            """;

    /** A change of every part of a tunnel. */
    record Trick(String contentType, String query, String template, String managedFields) {
        Request on(String tunnel, String toNode) {
            return new Request(
                    "PATCH",
                    TUNNELS + "/" + tunnel + "/status" + query,
                    contentType,
                    template.formatted(tunnel, managedFields, toNode));
        }

        @Override
        public String toString() {
            return contentType;
        }
    }

    static final List<Trick> TRICKS = List.of(
            new Trick(MERGE, "", EVERYTHING, "[{}]"),
            new Trick(APPLY, "?fieldManager=thief&force=true", EVERYTHING, "null"),
            new Trick("application/json-patch+json", "", EVERYTHING_BY_OPERATIONS, "[{}]"));

    private final DeployedManifests deployed;
    private final KubernetesClient agent1;

    StolenTokenTest() throws IOException {
        deployed = DeployedManifests.of("deploy/base");
        agent1 = deployed.agentOn("node1");
    }

    @BeforeEach
    void create() {
        deployed.createTunnel("on-node1", "node1");
        deployed.createTunnel("on-node2", "node2");
    }

    @AfterEach
    void delete() {
        deployed.admin().resources(IpTunnel.class).delete();
    }

    @AfterAll
    void close() {
        agent1.close();
        deployed.close();
    }

    @ParameterizedTest
    @FieldSource("TRICKS")
    void a_status_request_stores_the_status_only(Trick trick) {
        var before = tunnel("on-node1");

        var answer = trick.on("on-node1", "node2").sentBy(agent1);

        assertThat(answer).startsWith("200 ");
        var after = tunnel("on-node1");
        assertThat(after.getStatus().mtu()).isEqualTo(1234);
        assertThat(after.getSpec()).isEqualTo(before.getSpec());
        assertThat(after.getMetadata().getManagedFields())
                .containsAll(before.getMetadata().getManagedFields());
        assertThat(after.getMetadata())
                .usingRecursiveComparison()
                .ignoringFields("managedFields", "resourceVersion")
                .isEqualTo(before.getMetadata());
    }

    @ParameterizedTest
    @FieldSource("TRICKS")
    void another_node_s_tunnel_takes_none_of_it(Trick trick) {
        var before = tunnel("on-node2");

        var answer = trick.on("on-node2", "node1").sentBy(agent1);

        assertThat(answer)
                .startsWith("403 ")
                .contains("the agent on node node1 may not write of a tunnel on node node2");
        assertThat(tunnel("on-node2")).isEqualTo(before);
    }

    @ParameterizedTest
    @FieldSource("TRICKS")
    void a_status_request_creates_no_tunnel(Trick trick) {
        var answer = trick.on("new", "node1").sentBy(agent1);

        assertThat(answer).startsWith("404 ");
    }

    @Test
    void a_strategic_merge_patch_is_not_supported_for_a_custom_resource() {
        var merge = new Request(
                "PATCH", TUNNELS + "/on-node1/status", "application/strategic-merge-patch+json", "{\"status\":{}}");

        assertThat(merge.sentBy(agent1)).startsWith("415 ");
    }

    @ParameterizedTest
    @CsvSource({
        "PUT, /on-node1",
        "PUT, /on-node1/status",
        "GET, /on-node1/status",
        "PATCH, /on-node1",
        "DELETE, /on-node1",
        "DELETE, ''",
        "POST, ''",
    })
    void tunnels_may_only_be_read_and_their_status_patched(String method, String path) {
        var request = Request.of(method, TUNNELS + path, EVERYTHING.formatted("on-node1", "null", "node1"));

        assertThat(request.sentBy(agent1)).startsWith("403 ").contains("cannot ");
    }

    @Test
    void server_side_apply_creates_no_tunnel_either() {
        var apply = new Request(
                "PATCH", TUNNELS + "/new?fieldManager=thief", APPLY, EVERYTHING.formatted("new", "null", "node1"));

        assertThat(apply.sentBy(agent1)).startsWith("403 ").contains("cannot patch");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/v1/secrets",
        "GET, /api/v1/nodes/node1",
        "GET, /api/v1/namespaces",
        "GET, /api/v1/namespaces/iptunnel-system/secrets",
        "GET, /api/v1/namespaces/default/events",
        "POST, /api/v1/namespaces/default/events",
        "GET, /apis/events.k8s.io/v1/namespaces/default/events",
        "DELETE, /apis/events.k8s.io/v1/namespaces/default/events",
        "POST, /apis/events.k8s.io/v1/namespaces/kube-system/events",
        "POST, /api/v1/namespaces/iptunnel-system/serviceaccounts/iptunnel-agent/token",
        "GET, /apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
        "PATCH, /apis/rbac.authorization.k8s.io/v1/clusterrolebindings/iptunnel-agent",
        "DELETE, /apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/iptunnel-agent-own-node",
        "PATCH, /apis/apiextensions.k8s.io/v1/customresourcedefinitions/iptunnels.iptunnel.dev",
        "GET, /apis/apps/v1/daemonsets",
        "GET, /apis/coordination.k8s.io/v1/namespaces/iptunnel-system/leases",
        "GET, /apis/coordination.k8s.io/v1/namespaces/iptunnel-system/leases/agent.node1",
        "PUT, /apis/coordination.k8s.io/v1/namespaces/iptunnel-system/leases/agent.node1",
        "DELETE, /apis/coordination.k8s.io/v1/namespaces/iptunnel-system/leases/agent.node1",
        "PATCH, /apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node1",
    })
    void all_else_is_closed(String method, String path) {
        assertThat(Request.of(method, path, "{}").sentBy(agent1))
                .startsWith("403 ")
                .contains("cannot ");
    }

    @Test
    void the_Lease_of_another_node_is_neither_created_nor_renewed() {
        var leases = "/apis/coordination.k8s.io/v1/namespaces/"
                + deployed.account().getMetadata().getNamespace() + "/leases";
        var lease = "{\"metadata\": {\"name\": \"agent.node2\"}, \"spec\": {\"holderIdentity\": \"node2\"}}";

        var created = Request.of("POST", leases, lease).sentBy(agent1);
        Request.of("POST", leases, lease).sentBy(deployed.admin());
        var renewed = Request.of("PATCH", leases + "/agent.node2", "{\"spec\": {\"leaseDurationSeconds\": 9}}")
                .sentBy(agent1);

        Request.of("DELETE", leases + "/agent.node2", "{}").sentBy(deployed.admin());
        assertThat(List.of(created, renewed)).allSatisfy(answer -> assertThat(answer)
                .startsWith("403 ")
                .contains("an agent writes only the Lease of its own node"));
    }

    private IpTunnel tunnel(String name) {
        return deployed.admin().resources(IpTunnel.class).withName(name).require();
    }
}
