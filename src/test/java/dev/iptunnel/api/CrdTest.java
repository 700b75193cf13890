package dev.iptunnel.api;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrdTest {
    private static final Path CHECKED_IN = Path.of("crds", GeneratedCrd.FILE);
    private static final String SCHEMA = "/spec/versions/0/schema/openAPIV3Schema";

    /** {@code -Dcrds.update=true} writes the file instead. */
    @Test
    void the_checked_in_CRD_is_the_one_that_the_model_makes(@TempDir Path folder) throws IOException {
        var generated = GeneratedCrd.yaml(folder);
        if (Boolean.getBoolean("crds.update")) {
            Files.writeString(CHECKED_IN, generated);
        }
        assertThat(Files.readString(CHECKED_IN))
                .as("run this test with -Dcrds.update=true")
                .isEqualTo(generated);
    }

    @Test
    void every_field_is_described() throws IOException {
        var crd = new KubernetesSerialization().unmarshal(Files.readString(CHECKED_IN), CustomResourceDefinition.class);
        var schema = crd.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
        assertThat(undescribed(schema, "IpTunnel")).isEmpty();
    }

    /**
     * A client that compares lists as a whole, as {@code kubectl apply} and Argo CD do, would see each default as a change.
     */
    @Test
    void no_entry_of_a_list_has_a_default_and_a_list_is_merged_by_required_fields_alone() throws IOException {
        var schema = new YAMLMapper().readTree(Files.readString(CHECKED_IN)).at(SCHEMA);
        var lists = schema.findParents("items");
        assertThat(lists).hasSizeGreaterThan(2).allSatisfy(list -> {
            assertThat(list.path("items").findValues("default")).as("%s", list).isEmpty();
            list.path("x-kubernetes-list-map-keys")
                    .forEach(key ->
                            assertThat(list.path("items").path("required")).contains(key));
        });
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
