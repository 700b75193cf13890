package dev.iptunnel.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The schema of {@code spec.template.spec} of an IpTunnelSet, made of the schema of {@code spec} of an IpTunnel: without the
 * node, with only the mode required, and without defaults, because a later CRD must not change what is stored. The rules
 * hold when what they mention is missing.
 */
final class TemplateSchema {
    /** The controller writes it. */
    private static final String NODE = "nodeName";

    private static final String REQUIRED = "mode";
    private static final String RULES = "x-kubernetes-validations";
    /** Requires an address, which the controller writes. */
    private static final String NEEDS_LOCAL = "has(self.local) || has(self.localFrom)";

    private final Map<String, Object> defaults = new TreeMap<>();
    private final List<String> optional;

    private TemplateSchema(List<String> optional) {
        this.optional = optional;
    }

    static Map<String, Object> of(Map<String, Object> spec) {
        var result = new TreeMap<>(spec);
        var required = new ArrayList<>(list(Objects.requireNonNull(result.put("required", List.of(REQUIRED)))));
        required.removeAll(List.of(REQUIRED, NODE));
        var schema = new TemplateSchema(required.stream().map(String::valueOf).toList());
        result.put("properties", schema.fields(map(Objects.requireNonNull(result.get("properties")))));
        result.put(RULES, schema.rules(list(Objects.requireNonNull(result.get(RULES)))));
        return result;
    }

    private Map<String, Object> fields(Map<String, Object> fields) {
        var result = new TreeMap<String, Object>();
        fields.forEach((name, schema) -> {
            var field = new TreeMap<>(map(schema));
            var value = field.remove("default");
            if (value != null) {
                defaults.put(name, value);
            }
            result.put(name, field);
        });
        if (result.remove(NODE) == null) {
            throw new IllegalStateException("IpTunnel has no field " + NODE);
        }
        return result;
    }

    private List<Object> rules(List<?> rules) {
        var result = new ArrayList<>();
        for (var entry : rules) {
            var rule = new TreeMap<>(map(entry));
            if (!NEEDS_LOCAL.equals(rule.get("rule"))) {
                rule.computeIfPresent("rule", (key, text) -> guarded(text.toString()));
                rule.computeIfPresent("messageExpression", (key, text) -> withDefaults(text.toString()));
                result.add(rule);
            }
        }
        if (result.size() != rules.size() - 1) {
            throw new IllegalStateException("IpTunnel has not exactly one rule " + NEEDS_LOCAL);
        }
        return result;
    }

    /** A rule that mentions a field that may be missing holds if it is missing. */
    private String guarded(String rule) {
        var text = withDefaults(rule);
        for (var name : optional) {
            if (mentions(text, name)) {
                text = "!has(self." + name + ") || (" + text + ")";
            }
        }
        return text;
    }

    private String withDefaults(String expression) {
        var text = expression;
        for (var field : defaults.entrySet()) {
            if (mentions(text, field.getKey())) {
                var value = field.getValue() instanceof String word ? "'" + word + "'" : field.getValue();
                text = text.replaceAll(
                        "self\\." + field.getKey() + "\\b", "self.?" + field.getKey() + ".orValue(" + value + ")");
            }
        }
        return text;
    }

    private static boolean mentions(String expression, String field) {
        return expression.matches(".*self\\." + field + "\\b.*");
    }

    private static List<?> list(Object value) {
        return (List<?>) value;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }
}
