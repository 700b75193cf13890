package dev.iptunnel.set.pass;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.iptunnel.set.TunnelSet.TunnelTemplate;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The template in the text of a revision. */
final class RevisionTemplate {
    private static final ObjectMapper JSON = new ObjectMapper();

    private RevisionTemplate() {}

    /**
     * Reads it; empty if somebody changed the stored revision to something else than a template.
     *
     * @param mode of the set, which never changes
     */
    static Optional<TunnelTemplate> read(String text, TunnelMode mode) {
        try {
            JsonNode all = JSON.readTree(text);
            JsonNode spec = all.path("spec");
            if (!mode.toString().equals(spec.path("mode").asText())) {
                return Optional.empty();
            }
            JsonNode metadata = all.path("metadata");
            return Optional.of(new TunnelTemplate(
                    mode,
                    strings(metadata.path("labels")),
                    strings(metadata.path("annotations")),
                    spec instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode()));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    private static Map<String, String> strings(JsonNode object) {
        Map<String, String> entries = new HashMap<>();
        object.properties()
                .forEach(entry -> entries.put(entry.getKey(), entry.getValue().asText()));
        return entries;
    }
}
