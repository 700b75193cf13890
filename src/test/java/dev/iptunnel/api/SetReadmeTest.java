package dev.iptunnel.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.iptunnel.api.v1alpha1.set.SetConditionType;
import dev.iptunnel.controller.reconcile.SetEventReason;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The section about IpTunnelSet in {@code crds/README.md}. */
class SetReadmeTest {
    private static final String PROPERTIES = "/spec/versions/0/schema/openAPIV3Schema/properties";

    @ParameterizedTest
    @MethodSource
    void describes_every_field(String field) throws IOException {
        assertThat(section()).containsPattern("\\n\\| [^|]*`" + field + "`[^|]* \\|");
    }

    static Stream<String> describes_every_field() throws IOException {
        return fields("spec", "");
    }

    /** The conditions have a table of their own. */
    @ParameterizedTest
    @MethodSource
    void describes_every_field_of_the_status(String field) throws IOException {
        assertThat(section()).containsPattern("\\n\\|[^\\n]*`" + field + "`[^\\n]*\\|\\n");
    }

    static Stream<String> describes_every_field_of_the_status() throws IOException {
        return fields("status", "").filter(field -> !field.startsWith("conditions"));
    }

    @Test
    void describes_every_condition() throws IOException {
        var types = Arrays.stream(SetConditionType.class.getFields()).map(SetReadmeTest::value);

        String section = section();

        assertThat(types).isNotEmpty().allSatisfy(type -> assertThat(section).contains("\n| `" + type + "` |"));
    }

    @Test
    void describes_every_reason_of_an_Event_and_no_other_one() throws IOException {
        var reasons = Arrays.stream(SetEventReason.values()).map(SetEventReason::toString);

        String section = section();
        var table = Pattern.compile("(?m)^\\| `(\\w+)` \\|")
                .matcher(section.substring(section.indexOf("### Events of a set")))
                .results()
                .map(row -> row.group(1));

        assertThat(table).containsExactlyInAnyOrderElementsOf(reasons.toList());
    }

    private static String section() throws IOException {
        return Readmes.section(Readmes.CRDS, "IpTunnelSet");
    }

    private static Object value(Field constant) {
        try {
            return constant.get(null);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The paths of the fields that have no further fields. Those of the template and of selectors are described elsewhere. */
    private static Stream<String> fields(String part, String prefix) throws IOException {
        var schema = new YAMLMapper().readTree(Files.readString(GeneratedCrd.SETS.checkedIn()));
        return fields(schema.at(PROPERTIES + "/" + part), prefix).distinct();
    }

    private static Stream<String> fields(JsonNode schema, String path) {
        var properties = schema.at(schema.has("items") ? "/items/properties" : "/properties");
        if (properties.isEmpty() || path.endsWith("elector") || path.equals("template.spec")) {
            return Stream.of(path);
        }
        return StreamSupport.stream(properties.properties().spliterator(), false)
                .flatMap(field ->
                        fields(field.getValue(), path.isEmpty() ? field.getKey() : path + "." + field.getKey()));
    }
}
