package dev.iptunnel.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.iptunnel.api.v1alpha1.ConditionType;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** During an upgrade the CRD and the agent have different versions, whichever is upgraded first. */
@Tag("api")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VersionSkewApiTest {
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Path CRD = GeneratedCrd.TUNNELS.checkedIn();
    private static final Path RELEASED = GeneratedCrd.TUNNELS.released();
    private static final String SCHEMA = "/spec/versions/0/schema/openAPIV3Schema/properties";

    private final KubernetesClient client;

    VersionSkewApiTest() throws IOException {
        client = ApiServer.connect();
    }

    @BeforeEach
    void remove_the_CRD() {
        Program.kubectl("delete", "crd", "iptunnels.iptunnel.dev", "--ignore-not-found")
                .requireOutput();
    }

    @AfterAll
    void close() throws IOException {
        remove_the_CRD();
        ApiServer.installCrd(client);
        client.close();
    }

    @Test
    void an_agent_writes_its_status_with_the_released_CRD(@TempDir Path folder) throws IOException {
        install(YAML.readTree(Files.readString(RELEASED)), folder);
        create("");

        assertThat(writeStatus().getStatus().operState()).isEqualTo("UNKNOWN");
    }

    @Test
    void an_agent_works_with_a_CRD_that_lacks_a_field_of_the_spec(@TempDir Path folder) throws IOException {
        var older = YAML.readTree(Files.readString(CRD));
        remove(older, "/spec/properties/adoptionPolicy");
        install(older, folder);
        create(", adoptionPolicy: IfIdentical");

        var written = writeStatus();

        assertThat(written.getStatus().ifindex()).isEqualTo(7);
        assertThat(written.getSpec().adoptionPolicy()).isEqualTo("Never");
    }

    /** Hence the CRD has to be upgraded first, as the README says. */
    @Test
    void a_status_with_a_field_that_the_CRD_lacks_is_refused(@TempDir Path folder) throws IOException {
        var older = YAML.readTree(Files.readString(CRD));
        remove(older, "/status/properties/operState");
        install(older, folder);
        create("");

        assertThatExceptionOfType(KubernetesClientException.class)
                .isThrownBy(this::writeStatus)
                .withMessageContaining(".status.operState: field not declared in schema");
    }

    @Test
    void an_agent_works_with_a_CRD_that_has_more_fields(@TempDir Path folder) throws IOException {
        var newer = YAML.readTree(Files.readString(CRD));
        var spec = (ObjectNode) newer.at(SCHEMA + "/spec/properties");
        spec.set("fwmark", YAML.readTree("{type: integer, default: 7}"));
        ((ArrayNode) spec.at("/adminState/enum")).add("Testing");
        ((ObjectNode) spec.at("/routes/items/properties")).set("source", YAML.readTree("{type: string}"));
        ((ObjectNode) newer.at(SCHEMA + "/status/properties")).set("peer", YAML.readTree("{type: object}"));
        install(newer, folder);
        create(", adminState: Testing, routes: [{destination: 10.9.0.0/16, source: 10.8.0.0/16}]");

        var written = writeStatus();

        assertThat(written.getSpec().adminState()).isEqualTo("Testing");
        assertThat(written.getSpec().routes()).singleElement().satisfies(route -> assertThat(route.destination())
                .isEqualTo("10.9.0.0/16"));
        assertThat(written.getStatus().ifindex()).isEqualTo(7);
        assertThat(Program.kubectl("get", "ipt", "tunnel1", "-o", "jsonpath={.spec.fwmark} {.spec.routes}")
                        .requireOutput())
                .isEqualTo("7 [{\"destination\":\"10.9.0.0/16\",\"source\":\"10.8.0.0/16\"}]");
    }

    private static void remove(JsonNode crd, String field) {
        var path = JsonPointer.compile(SCHEMA + field);
        assertThat(((ObjectNode) crd.at(path.head())).remove(path.last().getMatchingProperty()))
                .isNotNull();
    }

    private void install(JsonNode crd, Path folder) throws IOException {
        var file = folder.resolve("crd.yaml");
        Files.writeString(file, YAML.writeValueAsString(crd));
        Program.kubectl("create", "-f", file.toString()).requireOutput();
        Program.kubectl("wait", "--for=condition=Established", "crd/iptunnels.iptunnel.dev", "--timeout=180s")
                .requireOutput();
        client.resources(IpTunnel.class).withName("nobody").waitUntilCondition(Objects::isNull, 60, TimeUnit.SECONDS);
    }

    private static void create(String more) {
        Program.runWith(
                        """
                        apiVersion: iptunnel.dev/v1alpha1
                        kind: IpTunnel
                        metadata: {name: tunnel1}
                        spec: {nodeName: node1, mode: ipip, local: 192.0.2.1, remote: 192.0.2.2%s}
                        """
                                .formatted(more),
                        "kubectl",
                        "create",
                        "--validate=false",
                        "-f",
                        "-")
                .requireOutput();
    }

    /** Writes the status as the agent does. */
    private IpTunnel writeStatus() {
        var mine = new IpTunnel();
        mine.setMetadata(new ObjectMetaBuilder().withName("tunnel1").build());
        var ready = new ConditionBuilder()
                .withType(ConditionType.READY)
                .withStatus("True")
                .withReason("TunnelUp")
                .withMessage("the node does its part")
                .withLastTransitionTime("2026-01-02T03:04:05Z")
                .build();
        mine.setStatus(new IpTunnelStatus(1L, "tunnel1", 7, 1480, null, null, null, "UNKNOWN", List.of(ready)));
        return client.resource(mine)
                .subresource("status")
                .patch(new PatchContext.Builder()
                        .withPatchType(PatchType.SERVER_SIDE_APPLY)
                        .withFieldManager("iptunnel-agent")
                        .withForce(true)
                        .build());
    }
}
