package dev.iptunnel.api;

import static dev.iptunnel.api.Refusal.refusals;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.v1alpha1.ConditionType;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** An IpTunnel as the API server stores and shows it. */
@Tag("api")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class IpTunnelApiTest {
    private final KubernetesClient client;

    IpTunnelApiTest() throws IOException {
        client = ApiServer.connect();
    }

    @BeforeEach
    @AfterEach
    void delete() {
        client.resources(IpTunnel.class).delete();
    }

    @AfterAll
    void close() {
        client.close();
    }

    @Test
    void a_new_tunnel_is_pending_whatever_status_its_author_writes() {
        var mine = tunnel("tunnel1", "node1");
        mine.setStatus(status("True", 7));

        var status = client.resource(mine).create().getStatus();

        assertThat(status.ifindex()).isNull();
        assertThat(status.conditions()).singleElement().satisfies(ready -> {
            assertThat(ready.getType()).isEqualTo(ConditionType.READY);
            assertThat(ready.getStatus()).isEqualTo("Unknown");
            assertThat(ready.getReason()).isEqualTo("Pending");
            assertThat(ready.getMessage()).startsWith("waiting for the agent on the node");
            assertThat(ready.getLastTransitionTime()).isEqualTo("1970-01-01T00:00:00Z");
        });
    }

    @Test
    void the_agents_status_replaces_the_default() {
        var created = create("tunnel1", "node1");

        var mine = new IpTunnel();
        mine.setMetadata(new ObjectMetaBuilder().withName("tunnel1").build());
        mine.setStatus(status("True", 7));
        var patched = client.resource(mine)
                .subresource("status")
                .patch(new PatchContext.Builder()
                        .withPatchType(PatchType.SERVER_SIDE_APPLY)
                        .withFieldManager("iptunnel-agent")
                        .withForce(true)
                        .build());

        assertThat(patched.getStatus()).isEqualTo(mine.getStatus());
        assertThat(patched.getSpec()).isEqualTo(created.getSpec());
        assertThat(patched.getMetadata().getGeneration()).isEqualTo(1);
    }

    @Test
    void the_model_has_the_same_defaults_as_the_API_server() {
        var lists = IpTunnels.with(
                spec("node1"),
                """
                addresses: [{address: 192.168.7.1/30}]
                routes: [{destination: 10.9.0.0/16}]
                """);

        var stored = client.resource(IpTunnels.tunnel("tunnel1", lists)).create();

        assertThat(stored.getSpec()).isEqualTo(lists);
    }

    @Test
    void nodeName_is_immutable() {
        create("tunnel1", "node1");
        assertThat(refusals(() -> patch("/spec/nodeName", "node2")))
                .singleElement()
                .asString()
                .contains("a tunnel stays on its node: delete this object and create one with the other nodeName");
    }

    @Test
    void mode_is_immutable() {
        create("tunnel1", "node1");
        assertThat(refusals(() -> patch("/spec/mode", "sit")))
                .singleElement()
                .asString()
                .contains("a tunnel keeps its mode: delete this object and create one with the other mode");
    }

    @Test
    void all_else_may_be_changed() {
        create("tunnel1", "node1");
        var other = IpTunnels.with(
                spec("node1"),
                """
                interfaceName: tunnel2
                local: null
                localFrom: {type: Parent}
                remote: any
                parent: eth0
                ttl: inherit
                dscp: inherit
                pathMtuDiscovery: false
                mtu: 1400
                addresses: [{address: 192.168.7.1/32, peer: 192.168.7.2}]
                routes: [{destination: 10.9.0.0/16, gateway: 192.168.7.2, table: 100, metric: 5}]
                reversePathFilter: Loose
                allowIsolation: true
                fallbackPolicy: Yield
                adminState: Down
                paused: true
                deletionPolicy: Retain
                adoptionPolicy: IfIdentical
                """);

        var edited = IpTunnels.edit(found("tunnel1"), _ -> other);

        assertThat(edited.getSpec()).isEqualTo(other);
        assertThat(edited.getMetadata().getGeneration()).isEqualTo(2);
    }

    @Test
    void a_spec_can_be_edited_while_its_status_is_written() throws InterruptedException {
        create("tunnel1", "node1");
        AtomicBoolean done = new AtomicBoolean();
        Thread agent = Thread.ofPlatform().start(() -> {
            for (int ifindex = 1; !done.get(); ifindex++) {
                found("tunnel1")
                        .subresource("status")
                        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"ifindex\":" + ifindex + "}}");
            }
        });
        try {
            for (int ttl = 1; ttl <= 30; ttl++) {
                IpTunnels.edit(found("tunnel1"), "ttl: " + ttl);
            }
        } finally {
            done.set(true);
            agent.join();
        }

        assertThat(found("tunnel1").require().getMetadata().getGeneration()).isEqualTo(31);
    }

    @Test
    void a_change_is_checked_by_the_same_rules_as_a_new_tunnel() {
        create("tunnel1", "node1");
        assertThat(refusals(() -> patch("/spec/remote", "192.0.2.1")))
                .singleElement()
                .asString()
                .contains("remote is the same address as local");
    }

    @Test
    void a_list_by_nodeName_is_filtered_at_the_server() {
        create("tunnel1", "node1");
        create("tunnel2", "node2");

        var found = client.resources(IpTunnel.class)
                .withField("spec.nodeName", "node2")
                .list();

        assertThat(found.getItems()).extracting(t -> t.getMetadata().getName()).containsExactly("tunnel2");
    }

    private Resource<IpTunnel> found(String name) {
        return client.resources(IpTunnel.class).withName(name);
    }

    private void patch(String path, String value) {
        var operation = "[{\"op\":\"replace\",\"path\":\"%s\",\"value\":\"%s\"}]".formatted(path, value);
        found("tunnel1").patch(PatchContext.of(PatchType.JSON), operation);
    }

    private IpTunnel create(String name, String node) {
        return client.resource(tunnel(name, node)).create();
    }

    private static IpTunnel tunnel(String name, String node) {
        return IpTunnels.tunnel(name, spec(node));
    }

    private static IpTunnelSpec spec(String node) {
        return IpTunnels.spec(
                """
                nodeName: %s
                mode: ipip
                local: 192.0.2.1
                remote: 192.0.2.2
                """,
                node);
    }

    private static IpTunnelStatus status(String ready, int ifindex) {
        var condition = new ConditionBuilder()
                .withType(ConditionType.READY)
                .withStatus(ready)
                .withReason("InSync")
                .withMessage("the node does its part")
                .withLastTransitionTime("2026-01-02T03:04:05Z")
                .build();
        return new IpTunnelStatus(1L, "tunnel1", ifindex, 1480, null, null, null, "UNKNOWN", List.of(condition));
    }
}
