package dev.iptunnel.api;

import static dev.iptunnel.api.Refusal.asToldBy;
import static dev.iptunnel.api.Refusal.refusals;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.iptunnel.api.SetFixtures.Refused;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The IpTunnelSets that the API server accepts and refuses. */
@Tag("api")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SetAdmissionTest {
    private static final YAMLMapper YAML = new YAMLMapper();

    private final KubernetesClient client;

    SetAdmissionTest() throws IOException {
        client = ApiServer.connect();
    }

    @AfterEach
    void delete() {
        client.resources(IpTunnelSet.class).delete();
    }

    @AfterAll
    void close() {
        client.close();
    }

    @ParameterizedTest
    @MethodSource("dev.iptunnel.api.SetFixtures#bases")
    void is_accepted(String base) throws IOException {
        assertThat(set(SetFixtures.base(base)).dryRun().create().getMetadata().getUid())
                .isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("dev.iptunnel.api.SetFixtures#refused")
    void is_refused_with_one_message(Refused refused) {
        assertThat(refusals(() -> set(refused.object()).dryRun().create()))
                .map(refusal -> asToldBy(client, refusal))
                .containsExactly(asToldBy(client, refused.refusal()));
    }

    @ParameterizedTest
    @MethodSource("dev.iptunnel.api.SetFixtures#refusedChanges")
    void a_change_is_refused_with_one_message(Refused refused) throws IOException {
        set(SetFixtures.base(refused.base())).create();

        assertThat(refusals(() -> set(refused.object()).update()))
                .map(refusal -> asToldBy(client, refusal))
                .containsExactly(asToldBy(client, refused.refusal()));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a pool                 | per-node | {addressPool: {cidrs: [10.200.0.0/16]}}",
                "a network in the pool  | mesh     | {addressPool: {cidrs: [10.201.0.0/16, 10.200.0.0/16]}}",
                "a prefix               | hubs     | {interfacePrefix: hub}",
                "another remote         | per-node | {template: {spec: {remote: 198.51.100.2}}}",
                "a pause                | mesh     | {rollout: {paused: true}}",
                "more hubs              | hubs     | {topology: {hubSelector: {matchLabels: null}}}",
            })
    void a_change_is_accepted(String change, String base, String patch) throws IOException {
        set(SetFixtures.base(base)).create();
        var spec = YAML.createObjectNode().set("spec", YAML.readTree(patch));

        var updated = set(SetFixtures.patched(SetFixtures.base(base), spec)).update();

        assertThat(updated.getMetadata().getGeneration()).isEqualTo(2);
    }

    /** A later CRD must not change what is stored, or it would roll out every set. */
    @Test
    void nothing_is_added_to_a_template() throws IOException {
        for (var base : SetFixtures.bases().toList()) {
            var manifest = SetFixtures.base(base);

            var stored = set(manifest).dryRun().create();

            assertThat(YAML.<JsonNode>valueToTree(
                                    stored.getAdditionalProperties().get("spec"))
                            .path("template"))
                    .isEqualTo(manifest.at("/spec/template"));
        }
    }

    private Resource<GenericKubernetesResource> set(JsonNode manifest) {
        return client.resource(YAML.convertValue(manifest, GenericKubernetesResource.class));
    }
}
