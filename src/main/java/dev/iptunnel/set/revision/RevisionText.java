package dev.iptunnel.set.revision;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.iptunnel.set.TunnelSet.TunnelTemplate;
import java.util.Map;
import java.util.TreeMap;

/**
 * A template as canonical JSON: two templates with the same text are the same revision.
 *
 * <p>It is made from what the API server stores, never from an object of this program. A release that knows more fields
 * thus makes the same text, and an upgrade rolls nothing out.
 */
public final class RevisionText {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private RevisionText() {}

    /** The text of a template, with its metadata. */
    public static String of(TunnelTemplate template) {
        ObjectNode metadata = JSON.objectNode();
        metadata.set("labels", strings(template.labels()));
        metadata.set("annotations", strings(template.annotations()));
        ObjectNode all = JSON.objectNode();
        all.set("metadata", metadata);
        all.set("spec", template.spec());
        return of(all);
    }

    /**
     * The text of {@code spec.template}: keys sorted, without white space, without fields that are null, an empty list or an
     * empty object. The elements of a list all stay, since their place may have a meaning.
     */
    public static String of(JsonNode template) {
        return canonical(template).toString();
    }

    private static ObjectNode strings(Map<String, String> entries) {
        ObjectNode object = JSON.objectNode();
        entries.forEach(object::put);
        return object;
    }

    private static JsonNode canonical(JsonNode node) {
        return switch (node) {
            case ObjectNode object -> sorted(object);
            case ArrayNode list -> {
                ArrayNode elements = JSON.arrayNode(list.size());
                list.forEach(element -> elements.add(canonical(element)));
                yield elements;
            }
            default -> node;
        };
    }

    private static ObjectNode sorted(ObjectNode object) {
        Map<String, JsonNode> fields = new TreeMap<>();
        object.properties().forEach(field -> fields.put(field.getKey(), canonical(field.getValue())));
        fields.values().removeIf(value -> value.isNull() || (value.isContainerNode() && value.isEmpty()));
        ObjectNode sorted = JSON.objectNode();
        sorted.setAll(fields);
        return sorted;
    }
}
