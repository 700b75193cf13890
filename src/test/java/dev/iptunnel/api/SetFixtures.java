package dev.iptunnel.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** IpTunnelSets that the API server accepts and refuses. */
public final class SetFixtures {
    private static final Path FOLDER = Path.of("src/test/resources/dev/iptunnel/api");
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .build();

    private SetFixtures() {}

    /**
     * A set that is refused.
     *
     * @param base the name of the set that it is made of
     * @param object the whole manifest
     * @param refusal field and message
     */
    public record Refused(String title, String base, ObjectNode object, String refusal) {
        @Override
        public String toString() {
            return title;
        }
    }

    /** The names of the sets that are accepted. */
    public static Stream<String> bases() throws IOException {
        var names = specs().fieldNames();
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(names, 0), false);
    }

    /** The manifest of an accepted set. */
    public static ObjectNode base(String name) throws IOException {
        var set = YAML.createObjectNode()
                .put("apiVersion", "iptunnel.dev/v1alpha1")
                .put("kind", "IpTunnelSet");
        set.putObject("metadata").put("name", "backbone");
        set.set("spec", Objects.requireNonNull(specs().get(name), name));
        return set;
    }

    /** The manifest of an accepted set, as somebody writes it. */
    static String yaml(String name) throws IOException {
        return YAML.writeValueAsString(base(name));
    }

    /** The manifest as the model has it. */
    public static IpTunnelSet model(ObjectNode set) throws IOException {
        return YAML.treeToValue(set, IpTunnelSet.class);
    }

    /** Sets that cannot be created. */
    public static Stream<Refused> refused() throws IOException {
        return read("set-refusals.txt");
    }

    /** Sets that {@link Refused#base} cannot be changed to. */
    static Stream<Refused> refusedChanges() throws IOException {
        return read("set-refused-changes.txt");
    }

    /** Blocks of three lines: a title; the base, with the changes as a merge patch (RFC 7386); the refusal. */
    private static Stream<Refused> read(String file) throws IOException {
        return Arrays.stream(Files.readString(FOLDER.resolve(file)).strip().split("\n\n"))
                .map(block -> refused(block.lines().toList()));
    }

    private static Refused refused(List<String> lines) {
        try {
            var base = lines.get(1).substring(0, lines.get(1).indexOf(": "));
            var patch = YAML.readTree(lines.get(1).substring(base.length() + 2));
            return new Refused(lines.getFirst(), base, (ObjectNode) patched(base(base), patch), lines.get(2));
        } catch (IOException e) {
            throw new IllegalStateException(lines.getFirst(), e);
        }
    }

    /** The base with changes as a merge patch (RFC 7386). */
    static JsonNode patched(JsonNode base, JsonNode patch) {
        if (!patch.isObject()) {
            return patch;
        }
        var result = base.isObject() ? ((ObjectNode) base).deepCopy() : YAML.createObjectNode();
        patch.properties().forEach(field -> {
            if (field.getValue().isNull()) {
                result.remove(field.getKey());
            } else {
                result.set(field.getKey(), patched(result.path(field.getKey()), field.getValue()));
            }
        });
        return result;
    }

    private static JsonNode specs() throws IOException {
        return YAML.readTree(Files.readString(FOLDER.resolve("set-bases.yaml")));
    }
}
