package dev.iptunnel.controller.liveness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.iptunnel.api.ApiServer;
import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.controller.cluster.StoredTunnel;
import dev.iptunnel.liveness.AgentVerdict;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("sets")
class LivenessRequestsApiTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final LivenessMark MARK = new LivenessMark(AgentVerdict.NODE_NOT_READY, "node7");

    private final KubernetesClient client;
    private final LivenessApi api;

    LivenessRequestsApiTest() throws IOException {
        client = ApiServer.connect();
        api = new LivenessRequests(client, "default");
    }

    @BeforeEach
    void create() {
        client.resource(IpTunnels.ipip("marked", "node7")).create();
    }

    @AfterEach
    void delete() {
        client.resources(StoredTunnel.class).delete();
        client.leases().inNamespace("default").withName("agent.node7").delete();
        client.close();
    }

    private StoredTunnel tunnel() {
        return client.resources(StoredTunnel.class).withName("marked").require();
    }

    private void write(String status) {
        client.resources(StoredTunnel.class)
                .withName("marked")
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), status);
    }

    @Test
    void a_mark_replaces_the_waiting_of_a_tunnel_that_no_agent_has_seen() {
        api.apply(MARK.on(tunnel(), NOW));

        assertThat(MARK.isOn(tunnel())).isTrue();
        assertThat(tunnel().getStatus().conditions()).hasSize(2);
        assertThat(tunnel().getStatus().observedGeneration()).isNull();
    }

    @Test
    void a_mark_on_an_outdated_object_is_a_conflict_and_changes_nothing() {
        StoredTunnel outdated = tunnel();
        write("{\"status\":{\"mtu\":1234}}");
        StoredTunnel now = tunnel();

        assertThatThrownBy(() -> api.apply(MARK.on(outdated, NOW)))
                .asInstanceOf(InstanceOfAssertFactories.throwable(KubernetesClientException.class))
                .extracting(KubernetesClientException::getCode)
                .isEqualTo(409);
        assertThat(tunnel()).isEqualTo(now);
    }

    @Test
    void a_mark_owns_the_two_conditions_only() {
        write("{\"status\":{\"mtu\":1234}}");
        api.apply(MARK.on(tunnel(), NOW));

        List<ManagedFieldsEntry> owned = tunnel().getMetadata().getManagedFields().stream()
                .filter(entry -> entry.getManager().equals("iptunnel-controller"))
                .toList();

        assertThat(owned).singleElement().satisfies(entry -> assertThat(
                        entry.getFieldsV1().getAdditionalProperties().toString())
                .contains("\"type\":\"Ready\"", "\"type\":\"Programmed\"")
                .doesNotContain("mtu", "Stalled"));
        assertThat(tunnel().getStatus().mtu()).isEqualTo(1234);
    }

    @Test
    void a_mark_does_not_recreate_a_tunnel_that_was_deleted() {
        StoredTunnel deleted = tunnel();
        client.resource(deleted).delete();

        assertThatThrownBy(() -> api.apply(MARK.on(deleted, NOW))).isInstanceOf(KubernetesClientException.class);
    }

    @Test
    void a_Lease_that_was_renewed_meanwhile_is_not_removed() {
        Lease outdated = client.resource(new LeaseBuilder()
                        .withNewMetadata()
                        .withName("agent.node7")
                        .withNamespace("default")
                        .endMetadata()
                        .withNewSpec()
                        .withHolderIdentity("node7")
                        .endSpec()
                        .build())
                .create();
        client.resource(outdated)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"leaseDurationSeconds\":9}}");

        assertThatThrownBy(() -> api.delete(outdated)).isInstanceOf(KubernetesClientException.class);

        assertThat(api.lease("agent.node7")).isPresent();
        api.delete(api.lease("agent.node7").orElseThrow());
        assertThat(api.lease("agent.node7")).isEmpty();
        assertThat(api.allLeases()).isEmpty();
    }
}
