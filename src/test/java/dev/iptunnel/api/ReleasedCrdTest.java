package dev.iptunnel.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Each CRD keeps the promise of the README: it is compatible with the released one. */
class ReleasedCrdTest {
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Path RELEASED = GeneratedCrd.TUNNELS.released();

    private static final String SCHEMA = "/spec/versions/0/schema/openAPIV3Schema";
    private static final String SPEC = SCHEMA + "/properties/spec";

    /** {@code -Dcrds.release=true} makes the CRD the released one, which is part of a release. */
    @ParameterizedTest
    @EnumSource
    void the_CRD_is_compatible_with_the_released_one(GeneratedCrd crd) throws IOException {
        if (Boolean.getBoolean("crds.release")) {
            Files.copy(crd.checkedIn(), crd.released(), StandardCopyOption.REPLACE_EXISTING);
        }

        var breaking = CrdChanges.breaking(read(crd.released()), read(crd.checkedIn()));

        assertThat(breaking)
                .as("v1alpha1 has to keep these, or this needs a new version; see Versions in the README")
                .isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "a removed field     | /properties/mtu                              |                          | mtu: removed",
                "a removed field within | /properties/routes/items/properties/metric | | routes[].metric: removed",
                "a narrower enum     | /properties/mode/enum                        | [ipip, sit, ip6ip6]      | mode: no longer one of the enum",
                "a new enum          | /properties/parent/enum                      | [eth0]                   | parent.enum: none became",
                "a higher minimum    | /properties/mtu/minimum                      | 1280                     | mtu.minimum: 68 became 1280",
                "a lower maximum     | /properties/mtu/maximum                      | 9000                     | mtu.maximum: 65555 became 9000",
                "a new maximum       | /properties/ttl/maximum                      | 200                      | ttl.maximum: none became 200",
                "fewer characters    | /properties/parent/maxLength                 | 15                       | parent.maxLength: 253 became 15",
                "fewer entries       | /properties/routes/maxItems                  | 16                       | routes.maxItems: 256 became 16",
                "a new minimum of entries | /properties/routes/minItems             | 1                        | routes.minItems: none became 1",
                "a new pattern       | /properties/parent/pattern                   | ^eth                     | parent.pattern: none became",
                "a new required field | /required                                   | [mode, nodeName, remote, ttl] | : newly required",
                "a new required field within | /properties/routes/items/required    | [destination, gateway]   | routes[]: newly required",
                "another type        | /properties/mtu/type                         | string                   | mtu.type",
                "another format      | /properties/mtu/format                       | int64                    | mtu.format",
                "no more a text or a number | /properties/ttl/x-kubernetes-int-or-string | | ttl.x-kubernetes-int-or-string: true became none",
                "another default     | /properties/ttl/default                      | 255                      | ttl.default: 64 became 255",
                "a new default       | /properties/mtu/default                      | 1400                     | mtu.default: none became 1400",
                "no more default     | /properties/adminState/default               |                          | adminState.default",
                "another list type   | /properties/routes/x-kubernetes-list-type    | set                      | routes.x-kubernetes-list-type",
                "other map keys      | /properties/addresses/x-kubernetes-list-map-keys | [address, peer]      | addresses.x-kubernetes-list-map-keys",
                "nullable            | /properties/mtu/nullable                     | true                     | mtu.nullable",
                "a new rule          | /properties/parent/x-kubernetes-validations  | [{rule: self != 'eth1'}] | parent: new rule self != 'eth1'",
            })
    void breaks(String change, String pointer, @Nullable String value, String expected) throws IOException {
        assertThat(CrdChanges.breaking(read(RELEASED), changed(SPEC + pointer, value)))
                .singleElement()
                .asString()
                .startsWith("v1alpha1.spec")
                .contains(expected);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "another group          | /spec/group                      | example.org  | group",
                "another scope          | /spec/scope                      | Namespaced   | scope",
                "another kind           | /spec/names/kind                 | Tunnel       | names.kind",
                "no more short name     | /spec/names/shortNames           | [tunnel]     | names.shortNames: gone",
                "a version not served   | /spec/versions/0/served          | false        | v1alpha1: no longer served",
                "another version        | /spec/versions/0/name            | v1beta1      | v1alpha1: no longer served",
                "no more selected field | /spec/versions/0/selectableFields |             | v1alpha1.selectableFields: gone",
                "no more status         | /spec/versions/0/subresources    | {}           | v1alpha1.subresources",
            })
    void breaks_outside_of_the_schema(String change, String pointer, @Nullable String value, String expected)
            throws IOException {
        assertThat(CrdChanges.breaking(read(RELEASED), changed(pointer, value)))
                .singleElement()
                .asString()
                .startsWith(expected);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "a new optional field   | /spec/properties/fwmark                    | {type: integer, default: 0, minimum: 0}",
                "a new field of an entry | /spec/properties/routes/items/properties/source | {type: string}",
                "a new field of the status | /status/properties/peer                 | {type: object, properties: {name: {type: string}}, required: [name]}",
                "a wider enum           | /spec/properties/mode/enum                 | [ipip, sit, ip6ip6, ipip6, any]",
                "no more enum           | /spec/properties/mode/enum                 |",
                "a lower minimum        | /spec/properties/mtu/minimum               | 60",
                "a higher maximum       | /spec/properties/routes/maxItems           | 512",
                "no more maximum        | /spec/properties/mtu/maximum               |",
                "a field less required  | /spec/required                             | [mode, nodeName]",
                "no more rules          | /spec/properties/parent/x-kubernetes-validations |",
                "other words            | /spec/properties/mtu/description           | Bytes.",
            })
    void is_compatible(String change, String pointer, @Nullable String value) throws IOException {
        var path = SCHEMA + "/properties" + pointer;

        assertThat(CrdChanges.breaking(read(RELEASED), changed(path, value))).isEmpty();
    }

    @Test
    void a_rule_about_a_new_field_is_compatible() throws IOException {
        var crd = changed(SPEC + "/properties/fwmark", "{type: integer}");
        var rules = (ArrayNode) crd.at(SPEC + "/x-kubernetes-validations");
        rules.addObject().put("rule", "!has(self.fwmark) || self.mode == 'ipip'");

        assertThat(CrdChanges.breaking(read(RELEASED), crd)).isEmpty();
    }

    /** The released CRD with one value changed or removed. */
    private static JsonNode changed(String pointer, @Nullable String value) throws IOException {
        var crd = read(RELEASED);
        var path = JsonPointer.compile(pointer);
        var parent = (ObjectNode) crd.at(path.head());
        var name = path.last().getMatchingProperty();
        if (value == null) {
            assertThat(parent.remove(name)).as(pointer).isNotNull();
        } else {
            parent.set(name, YAML.readTree(value));
        }
        return crd;
    }

    private static JsonNode read(Path file) throws IOException {
        return YAML.readTree(Files.readString(file));
    }
}
