package dev.iptunnel.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The columns of {@code kubectl get iptunnels}, which the API server makes. */
@Tag("api")
class PrinterColumnsTest {
    private static final String TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io";

    @Test
    void the_columns_are_those_documented() throws Exception {
        var columns = columns();
        assertThat(titles(columns, 0))
                .containsExactly("NAME", "NODE", "MODE", "LOCAL", "REMOTE", "READY", "IFINDEX", "MTU", "AGE");
        assertThat(titles(columns, 1)).containsExactly("INTERFACE", "PARENT", "REASON");
    }

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Table(List<Column> columnDefinitions) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Column(String name, int priority) {}

    private static List<String> titles(List<Column> columns, int priority) {
        return columns.stream()
                .filter(column -> column.priority == priority)
                .map(column -> column.name.toUpperCase(Locale.ROOT))
                .toList();
    }

    private static List<Column> columns() throws Exception {
        try (var client = ApiServer.connect()) {
            var http = client.getHttpClient();
            var request = http.newHttpRequestBuilder()
                    .uri(client.getMasterUrl() + "apis/iptunnel.dev/v1alpha1/iptunnels")
                    .header("Accept", TABLE)
                    .build();
            var answer = http.sendAsync(request, String.class).get();
            return client.getKubernetesSerialization()
                    .unmarshal(answer.body(), Table.class)
                    .columnDefinitions();
        }
    }
}
