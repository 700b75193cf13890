package dev.iptunnel.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;

/**
 * The incompatible changes between two CRDs: a manifest that the later one refuses, a field that is removed or has
 * another meaning. Every change that is not known to be compatible counts.
 */
final class CrdChanges {
    private static final Set<String> FOR_PEOPLE = Set.of("description", "title", "example", "externalDocs");

    private final List<String> breaks = new ArrayList<>();
    /** Fields that only the later CRD has. */
    private final Set<String> newFields = new TreeSet<>();

    private CrdChanges() {}

    /** Each change in a line that begins with its place; empty if the later CRD may replace the earlier one. */
    static List<String> breaking(JsonNode earlier, JsonNode later) {
        var changes = new CrdChanges();
        changes.crd(earlier.path("spec"), later.path("spec"));
        return changes.breaks;
    }

    private void crd(JsonNode earlier, JsonNode later) {
        for (var field : List.of("group", "scope", "preserveUnknownFields", "conversion")) {
            same(field, earlier.path(field), later.path(field));
        }
        for (var field : List.of("kind", "plural", "singular", "listKind")) {
            same(
                    "names." + field,
                    earlier.path("names").path(field),
                    later.path("names").path(field));
        }
        for (var field : List.of("shortNames", "categories")) {
            kept(
                    "names." + field + ": gone",
                    earlier.path("names").path(field),
                    later.path("names").path(field));
        }
        for (var version : earlier.path("versions")) {
            var name = version.path("name").asText();
            version(name, version, named(later.path("versions"), name));
        }
    }

    private void version(String name, JsonNode earlier, JsonNode later) {
        if (earlier.path("served").asBoolean() && !later.path("served").asBoolean()) {
            breaks.add(name + ": no longer served");
            return;
        }
        kept(name + ".selectableFields: gone", earlier.path("selectableFields"), later.path("selectableFields"));
        same(name + ".subresources", earlier.path("subresources"), later.path("subresources"));
        var was = earlier.path("schema").path("openAPIV3Schema");
        var is = later.path("schema").path("openAPIV3Schema");
        collectNewFields(was, is);
        schema(name, was, is);
    }

    private static JsonNode named(JsonNode versions, String name) {
        return StreamSupport.stream(versions.spliterator(), false)
                .filter(version -> version.path("name").asText().equals(name))
                .findFirst()
                .orElse(MissingNode.getInstance());
    }

    private void collectNewFields(JsonNode earlier, JsonNode later) {
        later.path("properties").properties().forEach(field -> {
            if (!earlier.path("properties").has(field.getKey())) {
                newFields.add(field.getKey());
            }
            collectNewFields(earlier.path("properties").path(field.getKey()), field.getValue());
        });
        if (later.has("items")) {
            collectNewFields(earlier.path("items"), later.path("items"));
        }
    }

    private void schema(String at, JsonNode earlier, JsonNode later) {
        var keywords = new TreeSet<String>();
        earlier.fieldNames().forEachRemaining(keywords::add);
        later.fieldNames().forEachRemaining(keywords::add);
        keywords.removeAll(FOR_PEOPLE);
        for (var keyword : keywords) {
            keyword(at, keyword, earlier.path(keyword), later.path(keyword));
        }
    }

    private void keyword(String at, String keyword, JsonNode earlier, JsonNode later) {
        switch (keyword) {
            case "properties" ->
                earlier.properties().forEach(field -> {
                    var path = at + "." + field.getKey();
                    if (later.has(field.getKey())) {
                        schema(path, field.getValue(), later.path(field.getKey()));
                    } else {
                        breaks.add(path + ": removed");
                    }
                });
            case "items" -> schema(at + "[]", earlier, later);
            case "required" -> kept(at + ": newly required", later, earlier);
            case "enum" -> {
                if (earlier.isMissingNode()) {
                    same(at + ".enum", earlier, later);
                } else if (!later.isMissingNode()) {
                    kept(at + ": no longer one of the enum", earlier, later);
                }
            }
            case "minimum", "minLength", "minItems", "minProperties" -> bound(at, keyword, earlier, later, 1);
            case "maximum", "maxLength", "maxItems", "maxProperties" -> bound(at, keyword, earlier, later, -1);
            case "pattern" -> {
                if (!later.isMissingNode()) {
                    same(at + ".pattern", earlier, later);
                }
            }
            case "x-kubernetes-validations" -> rules(at, earlier, later);
            default -> same(at + "." + keyword, earlier, later);
        }
    }

    /** @param narrower the sign of a change that accepts fewer values */
    private void bound(String at, String keyword, JsonNode earlier, JsonNode later, int narrower) {
        if (later.isMissingNode()) {
            return;
        }
        var is = new BigDecimal(later.asText());
        if (earlier.isMissingNode() || is.compareTo(new BigDecimal(earlier.asText())) * narrower > 0) {
            breaks.add(at + "." + keyword + ": " + (earlier.isMissingNode() ? "none" : earlier) + " became " + later);
        }
    }

    /** A rule about a new field refuses no manifest that was written without it. */
    private void rules(String at, JsonNode earlier, JsonNode later) {
        var known = new TreeSet<String>();
        earlier.forEach(rule -> known.add(rule.path("rule").asText()));
        for (var rule : later) {
            var text = rule.path("rule").asText();
            var guarded = newFields.stream()
                    .anyMatch(field -> text.startsWith("!has(self." + field + ") ||")
                            || text.startsWith("!has(self.spec." + field + ") ||")
                            || text.startsWith("!has(self.routes) || !self.routes.exists(r, has(r." + field + ") &&")
                            || text.startsWith("!has(self.template.spec." + field + ") ||")
                            || text.startsWith("!has(self.rollout." + field + ") ||"));
            if (!known.contains(text) && !guarded) {
                breaks.add(at + ": new rule " + text);
            }
        }
    }

    /** Whether each entry of the one list is in the other. */
    private void kept(String what, JsonNode earlier, JsonNode later) {
        var is = new ArrayList<JsonNode>();
        later.forEach(is::add);
        for (var entry : earlier) {
            if (!is.contains(entry)) {
                breaks.add(what + ": " + entry);
            }
        }
    }

    private void same(String at, JsonNode earlier, JsonNode later) {
        if (!earlier.equals(later)) {
            breaks.add(at + ": " + (earlier.isMissingNode() ? "none" : earlier) + " became "
                    + (later.isMissingNode() ? "none" : later));
        }
    }
}
