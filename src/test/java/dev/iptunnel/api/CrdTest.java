package dev.iptunnel.api;

import static org.assertj.core.api.Assertions.assertThat;

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
