package dev.iptunnel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.ApiServer;
import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** {@code iptunnel map} with the kubeconfig of a real API server, which the environment names. */
@Tag("api")
class MapApiTest {
    private static final Node NODE = new NodeBuilder()
            .withNewMetadata()
            .withName("map-b")
            .endMetadata()
            .withNewStatus()
            .addNewAddress("192.0.2.2", "InternalIP")
            .endStatus()
            .build();

    private final KubernetesClient client = connect();

    private static KubernetesClient connect() {
        try {
            return ApiServer.connect();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void create() {
        client.resource(NODE).createOr(existing -> existing.patch());
        client.resource(NODE).patchStatus();
        client.resource(IpTunnels.ipip("map-to-b", "map-a")).create();
    }

    @AfterEach
    void delete() {
        client.resources(IpTunnel.class).delete();
        client.resource(NODE).delete();
        client.close();
    }

    @Test
    void what_the_API_server_has_is_drawn_and_nodes_are_matched_by_their_addresses() {
        StringWriter output = new StringWriter();

        int code = new CommandLine(new MapCommand())
                .setOut(new PrintWriter(output))
                .execute("-o", "mermaid");

        assertThat(code).isZero();
        assertThat(output.toString())
                .isEqualTo(
                        """
                        flowchart LR
                        %% 1 IpTunnel on 2 nodes, drawn as 1 line
                          n0("map-a")
                          n1("map-b")
                          n0 -.-|"map-to-b: unknown<br/>no tunnel leads back"| n1
                          linkStyle 0 stroke:#9a6b00
                        """);
    }
}
