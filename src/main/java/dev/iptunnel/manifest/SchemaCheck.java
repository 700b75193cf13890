package dev.iptunnel.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * Compares a value with a schema of a CRD: types, required and unknown fields, enumerations and bounds. The messages are
 * those of the API server. Its rules in CEL are not evaluated.
 */
final class SchemaCheck {
    private final List<Finding> findings = new ArrayList<>();

    private SchemaCheck() {}

    /** What is wrong with the field of that path. */
    record Finding(String path, String message) {}

    /** All that is wrong with the value, in the order of the value. */
    static List<Finding> check(String path, JsonNode value, JsonNode schema) {
        SchemaCheck check = new SchemaCheck();
        check.value(path, value, schema);
        return check.findings;
    }

    private void value(String path, JsonNode value, JsonNode schema) {
        if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
            if (!value.isTextual() && !value.isIntegralNumber()) {
                wrongType(path, value, "integer,string");
            } else if (value.isIntegralNumber() && !value.canConvertToInt()) {
                // The model cannot hold it, and no rule of such a field allows so large a number.
                invalid(
                        path,
                        value,
                        schema.at("/x-kubernetes-validations/0/message").asText());
            }
            return;
        }
        String type = schema.path("type").asText();
        if (!type.equals(type(value))) {
            wrongType(path, value, type);
            return;
        }
        switch (type) {
            case "object" -> object(path, (ObjectNode) value, schema);
            case "array" -> array(path, value, schema);
            case "string" -> text(path, value, schema);
            case "integer" -> number(path, value, schema);
            default -> {} // a boolean has no bounds
        }
    }

    private void wrongType(String path, JsonNode value, String type) {
        String is = '"' + type(value) + '"';
        invalid(path, is, path + " in body must be of type " + type + ": " + is);
    }

    /** The API server drops a field that is null. */
    private void object(String path, ObjectNode object, JsonNode schema) {
        JsonNode fields = schema.path("properties");
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            String field = path + "." + entry.getKey();
            if (!fields.has(entry.getKey())) {
                findings.add(unknown(path, entry.getKey(), names(fields)));
            } else if (!entry.getValue().isNull()) {
                value(field, entry.getValue(), fields.get(entry.getKey()));
            }
        }
        for (JsonNode required : schema.path("required")) {
            if (object.path(required.asText()).isMissingNode()
                    || object.path(required.asText()).isNull()) {
                add(path + "." + required.asText(), "Required value");
            }
        }
    }

    /** A field that the object of that path does not have. */
    static Finding unknown(String path, String field, Collection<String> names) {
        String prefix = path.isEmpty() ? "" : path + ".";
        Optional<String> meant = NearestName.of(field, names);
        return new Finding(
                prefix + field,
                prefix + field + " is unknown: "
                        + meant.map(name -> "did you mean " + prefix + name + "?")
                                .orElseGet(() -> "the fields are "
                                        + names.stream().sorted().collect(Collectors.joining(", "))));
    }

    private static List<String> names(JsonNode fields) {
        return fields.properties().stream().map(Map.Entry::getKey).toList();
    }

    private void array(String path, JsonNode array, JsonNode schema) {
        int most = schema.path("maxItems").asInt(Integer.MAX_VALUE);
        if (array.size() > most) {
            add(path, "Too many: " + array.size() + ": must have at most " + most + " items");
        }
        JsonNode keys = schema.path("x-kubernetes-list-map-keys");
        Set<JsonNode> seen = new HashSet<>();
        for (int i = 0; i < array.size(); i++) {
            JsonNode item = array.get(i);
            value(path + "[" + i + "]", item, schema.get("items"));
            ObjectNode key = JsonNodeFactory.instance.objectNode();
            keys.forEach(name -> key.set(name.asText(), item.path(name.asText())));
            if (!keys.isEmpty() && !seen.add(key)) {
                add(path + "[" + i + "]", "Duplicate value: " + key);
            }
        }
    }

    private void text(String path, JsonNode text, JsonNode schema) {
        JsonNode allowed = schema.path("enum");
        if (!allowed.isMissingNode()
                && StreamSupport.stream(allowed.spliterator(), false).noneMatch(text::equals)) {
            add(
                    path,
                    "Unsupported value: " + text + ": supported values: "
                            + StreamSupport.stream(allowed.spliterator(), false)
                                    .map(JsonNode::toString)
                                    .collect(Collectors.joining(", ")));
        }
        int most = schema.path("maxLength").asInt(Integer.MAX_VALUE);
        if (text.asText().length() > most) {
            add(path, "Too long: may not be more than " + most + " bytes");
        }
    }

    private void number(String path, JsonNode number, JsonNode schema) {
        JsonNode least = schema.path("minimum");
        JsonNode most = schema.path("maximum");
        if (!least.isMissingNode() && number.decimalValue().compareTo(least.decimalValue()) < 0) {
            invalid(path, number, path + " in body should be greater than or equal to " + least);
        }
        if (!most.isMissingNode() && number.decimalValue().compareTo(most.decimalValue()) > 0) {
            invalid(path, number, path + " in body should be less than or equal to " + most);
        }
    }

    private void invalid(String path, Object value, String why) {
        add(path, "Invalid value: " + value + ": " + why);
    }

    private void add(String path, String message) {
        findings.add(new Finding(path, path + ": " + message));
    }

    private static String type(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT -> "object";
            case ARRAY -> "array";
            case STRING -> "string";
            case BOOLEAN -> "boolean";
            case NUMBER -> value.isIntegralNumber() ? "integer" : "number";
            default -> "null";
        };
    }
}
