package dev.iptunnel.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.iptunnel.api.v1alpha1.IpTunnel;
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

/** The columns of {@code kubectl get iptunnels}, which the API server provides. */
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
    }

    @AfterAll
    void close() {
        client.close();
    }

    @Test
    void the_columns_are_those_documented() throws Exception {
        var columns = table().columnDefinitions();
        assertThat(titles(columns, 0))
                .containsExactly("NAME", "NODE", "MODE", "LOCAL", "REMOTE", "READY", "IFINDEX", "MTU", "AGE");
        assertThat(titles(columns, 1)).containsExactly("INTERFACE", "PARENT", "REASON");
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
        assertThat(cell("LOCAL")).isNull();

        client.resource(tunnel)
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"local\":\"192.0.2.1\"}}");

        assertThat(cell("LOCAL")).isEqualTo("192.0.2.1");
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

    /** The row of the only tunnel. */
    private @Nullable Object cell(String title) throws Exception {
        var table = table();
        var titles = table.columnDefinitions().stream().map(Column::title).toList();
        return table.rows().getFirst().cells().get(titles.indexOf(title));
    }

    private Table table() throws Exception {
        var http = client.getHttpClient();
        var request = http.newHttpRequestBuilder()
                .uri(client.getMasterUrl() + "apis/iptunnel.dev/v1alpha1/iptunnels")
                .header("Accept", TABLE)
                .build();
        var answer = http.sendAsync(request, String.class).get();
        return client.getKubernetesSerialization().unmarshal(answer.body(), Table.class);
    }
}
