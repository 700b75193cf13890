package dev.iptunnel.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSetStatus;
import dev.iptunnel.api.v1alpha1.set.NodeCounts;
import dev.iptunnel.api.v1alpha1.set.PoolCounts;
import dev.iptunnel.api.v1alpha1.set.ProblemStatus;
import dev.iptunnel.api.v1alpha1.set.RolloutStatus;
import dev.iptunnel.api.v1alpha1.set.SetConditionType;
import dev.iptunnel.api.v1alpha1.set.TunnelCounts;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The columns of {@code kubectl get}, which the API server provides. */
@Tag("api")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PrinterColumnsTest {
    private static final String TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io";

    private final KubernetesClient client;

    PrinterColumnsTest() throws IOException {
        client = ApiServer.connect();
    }

    @BeforeEach
    @AfterEach
    void delete() {
        client.resources(IpTunnel.class).delete();
        client.resources(IpTunnelSet.class).delete();
    }

    @AfterAll
    void close() {
        client.close();
    }

    @Test
    void the_columns_are_those_documented() throws Exception {
        var columns = table("iptunnels").columnDefinitions();
        assertThat(titles(columns, 0))
                .containsExactly("NAME", "NODE", "MODE", "LOCAL", "REMOTE", "READY", "IFINDEX", "MTU", "AGE");
        assertThat(titles(columns, 1)).containsExactly("INTERFACE", "PARENT", "REASON", "REACHABLE", "PAIRED");
    }

    @Test
    void the_column_LOCAL_shows_the_resolved_address() throws Exception {
        var tunnel = IpTunnels.tunnel(
                "tunnel1",
                IpTunnels.spec(
                        """
                nodeName: node1
                mode: ipip
                localFrom: {type: NodeAddress}
                remote: 192.0.2.2
                """));
        client.resource(tunnel).create();
        assertThat(cell("iptunnels", "LOCAL")).isNull();

        client.resource(tunnel)
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"local\":\"192.0.2.1\"}}");

        assertThat(cell("iptunnels", "LOCAL")).isEqualTo("192.0.2.1");
    }

    @Test
    void the_columns_of_sets_are_those_documented() throws Exception {
        var columns = table("iptunnelsets").columnDefinitions();
        assertThat(titles(columns, 0))
                .containsExactly(
                        "NAME", "TOPOLOGY", "MODE", "NODES", "DESIRED", "UPDATED", "READY", "UNKNOWN", "STATUS", "AGE");
        assertThat(titles(columns, 1)).containsExactly("REVISION", "PHASE", "POOL-USED", "FAILED");
    }

    @Test
    void a_set_that_no_controller_has_seen_is_pending() throws Exception {
        client.resource(SetFixtures.model(SetFixtures.base("mesh"))).create();

        assertThat(cell("iptunnelsets", "TOPOLOGY")).isEqualTo("Mesh");
        assertThat(cell("iptunnelsets", "MODE")).isEqualTo("ipip");
        assertThat(cell("iptunnelsets", "STATUS")).isEqualTo("Pending");
    }

    @Test
    void the_columns_of_a_set_show_its_status() throws Exception {
        var set = SetFixtures.model(SetFixtures.base("mesh"));
        client.resource(set).create();
        set.setStatus(new IpTunnelSetStatus(
                1L,
                "backbone-r3",
                "backbone-r4",
                List.of("backbone-r2"),
                0,
                new NodeCounts(4, 3, 1, 2, 1, 1, 5, 1),
                new TunnelCounts(6, 6, 2, 4, 1, 1),
                new PoolCounts(65280, 3, 0),
                new RolloutStatus("Rolling", "2026-01-02T03:04:05Z", null, null, null),
                List.of(new ProblemStatus("node9", null, "NoAddress", "write an outerAddress")),
                List.of(new ConditionBuilder()
                        .withType(SetConditionType.READY)
                        .withStatus("False")
                        .withReason("RollingOut")
                        .withMessage("1 of 3 nodes has the template")
                        .withLastTransitionTime("2026-01-02T03:04:05Z")
                        .build())));

        var written = client.resource(set)
                .subresource("status")
                .patch(new PatchContext.Builder()
                        .withPatchType(PatchType.SERVER_SIDE_APPLY)
                        .withFieldManager("iptunnel.dev/controller")
                        .withForce(true)
                        .build());

        assertThat(written.getStatus()).isEqualTo(set.getStatus());
        var cells = table("iptunnelsets").rows().getFirst().cells();
        assertThat(cells)
                .map(String::valueOf)
                .containsSubsequence("3", "6", "2", "4", "1", "RollingOut")
                .containsSubsequence("backbone-r4", "Rolling", "3", "5");
    }

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Table(List<Column> columnDefinitions, List<Row> rows) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Column(String name, int priority) {
        String title() {
            return name.toUpperCase(Locale.ROOT);
        }
    }

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Row(List<@Nullable Object> cells) {}

    private static List<String> titles(List<Column> columns, int priority) {
        return columns.stream()
                .filter(column -> column.priority == priority)
                .map(Column::title)
                .toList();
    }

    /** The row of the only object. */
    private @Nullable Object cell(String plural, String title) throws Exception {
        var table = table(plural);
        var titles = table.columnDefinitions().stream().map(Column::title).toList();
        return table.rows().getFirst().cells().get(titles.indexOf(title));
    }

    private Table table(String plural) throws Exception {
        var http = client.getHttpClient();
        var request = http.newHttpRequestBuilder()
                .uri(client.getMasterUrl() + "apis/iptunnel.dev/v1alpha1/" + plural)
                .header("Accept", TABLE)
                .build();
        var answer = http.sendAsync(request, String.class).get();
        return client.getKubernetesSerialization().unmarshal(answer.body(), Table.class);
    }
}
