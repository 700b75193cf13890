package dev.iptunnel.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CrdTest {
    private static final String SCHEMA = "/spec/versions/0/schema/openAPIV3Schema";
    private static final String SPEC = "/properties/spec";
    private static final String TEMPLATE = SPEC + "/properties/template/properties/spec";

    /** {@code -Dcrds.update=true} writes the file instead. */
    @ParameterizedTest
    @EnumSource
    void the_checked_in_CRD_is_the_one_that_the_model_makes(GeneratedCrd crd, @TempDir Path folder) throws IOException {
        var generated = crd.yaml(folder);
        if (Boolean.getBoolean("crds.update")) {
            Files.writeString(crd.checkedIn(), generated);
        }
        assertThat(Files.readString(crd.checkedIn()))
                .as("run this test with -Dcrds.update=true")
                .isEqualTo(generated);
    }

    @ParameterizedTest
    @EnumSource
    void every_field_is_described(GeneratedCrd crd) throws IOException {
        var definition = new KubernetesSerialization()
                .unmarshal(Files.readString(crd.checkedIn()), CustomResourceDefinition.class);
        var schema = definition.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
        assertThat(undescribed(schema, definition.getSpec().getNames().getKind()))
                .isEmpty();
    }

    /**
     * A client that compares lists as a whole, as {@code kubectl apply} and Argo CD do, would see each default as a change.
     */
    @ParameterizedTest
    @EnumSource
    void no_entry_of_a_list_has_a_default_and_a_list_is_merged_by_required_fields_alone(GeneratedCrd crd)
            throws IOException {
        var schema = schema(crd);
        var lists = schema.findParents("items");
        assertThat(lists).hasSizeGreaterThan(2).allSatisfy(list -> {
            assertThat(list.path("items").findValues("default")).as("%s", list).isEmpty();
            list.path("x-kubernetes-list-map-keys")
                    .forEach(key ->
                            assertThat(list.path("items").path("required")).contains(key));
        });
    }

    /** A list without a type is replaced as a whole, without anybody having decided so. */
    @Test
    void every_list_of_a_set_says_how_it_is_merged() throws IOException {
        assertThat(schema(GeneratedCrd.SETS).findParents("items"))
                .filteredOn(list -> list.path("type").asText().equals("array"))
                .hasSizeGreaterThan(10)
                .allSatisfy(list ->
                        assertThat(list.path("x-kubernetes-list-type").asText()).isNotEmpty());
    }

    @Test
    void the_template_of_a_set_has_every_field_of_a_tunnel_but_the_node() throws IOException {
        var expected = new TreeSet<>(names(schema(GeneratedCrd.TUNNELS).at(SPEC)));
        assertThat(expected.remove("nodeName")).isTrue();

        assertThat(names(schema(GeneratedCrd.SETS).at(TEMPLATE))).isEqualTo(expected);
    }

    /** What is stored stays what somebody wrote, whatever CRD comes later. */
    @Test
    void the_template_of_a_set_has_no_defaults_and_requires_the_mode_alone() throws IOException {
        var template = schema(GeneratedCrd.SETS).at(TEMPLATE);

        assertThat(template.findValues("default")).isEmpty();
        assertThat(template.path("required")).map(JsonNode::asText).containsExactly("mode");
    }

    private static JsonNode schema(GeneratedCrd crd) throws IOException {
        return new YAMLMapper().readTree(Files.readString(crd.checkedIn())).at(SCHEMA);
    }

    private static Set<String> names(JsonNode schema) {
        var result = new TreeSet<String>();
        schema.path("properties").fieldNames().forEachRemaining(result::add);
        return result;
    }

    private static List<String> undescribed(JSONSchemaProps schema, String path) {
        var result = new ArrayList<String>();
        if (schema.getDescription() == null) {
            result.add(path);
        }
        properties(schema).forEach((name, field) -> result.addAll(undescribed(field, path + "." + name)));
        return result;
    }

    private static Map<String, JSONSchemaProps> properties(JSONSchemaProps schema) {
        var items = schema.getItems();
        var fields = items == null ? schema.getProperties() : items.getSchema().getProperties();
        return fields == null ? Map.of() : fields;
    }
}
