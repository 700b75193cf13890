package dev.iptunnel.set.child;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.iptunnel.set.ChildTunnel;
import dev.iptunnel.set.SetNames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * In which fields an IpTunnel differs from what its set says. Fields that the set does not say may have any value, and so may
 * further entries of {@code addresses}, which is merged entry by entry. {@code routes} is one value.
 *
 * @param fields such as {@code remote}, {@code labels[iptunnel.dev/revision]}
 */
public record Comparison(List<String> fields) {
    private static final Set<String> OF_MEMBERSHIP = Set.of("local", "remote", "addresses", "routes");
    private static final List<String> OWN_ANNOTATIONS =
            List.of(SetNames.PEER_NODE, SetNames.PEER_TUNNEL, SetNames.INNER_ADDRESS, SetNames.ROUTES);

    public static Comparison of(ChildManifest wanted, ChildTunnel child) {
        List<String> fields = new ArrayList<>();
        wanted.spec().properties().forEach(field -> {
            String name = field.getKey();
            JsonNode present = child.spec().path(name);
            boolean same = name.equals("addresses")
                    ? hasEntries(field.getValue(), present)
                    : isSame(field.getValue(), present);
            if (!same) {
                fields.add(name);
            }
        });
        JsonNode metadata = wanted.metadata();
        compare("labels", metadata.path("labels"), child.labels(), fields);
        compare("annotations", metadata.path("annotations"), child.annotations(), fields);
        for (String annotation : OWN_ANNOTATIONS) {
            if (child.annotations().containsKey(annotation)
                    && !metadata.path("annotations").has(annotation)) {
                fields.add("annotations[" + annotation + "]");
            }
        }
        String owner = metadata.path("ownerReferences").path(0).path("uid").asText();
        if (!owner.equals(child.setUid())) {
            fields.add("ownerReferences");
        }
        return new Comparison(List.copyOf(fields));
    }

    public boolean isEqual() {
        return fields.isEmpty();
    }

    /** Whether a field differs that follows the nodes of the cluster. */
    public boolean isByMembership() {
        return fields.stream().anyMatch(Comparison::isOfMembership);
    }

    /** Whether a field differs that follows the template. */
    public boolean isByTemplate() {
        return !fields.stream().allMatch(Comparison::isOfMembership);
    }

    private static boolean isOfMembership(String field) {
        return OF_MEMBERSHIP.contains(field)
                || field.equals("ownerReferences")
                || OWN_ANNOTATIONS.stream().anyMatch(name -> field.equals("annotations[" + name + "]"));
    }

    private static void compare(String what, JsonNode wanted, Map<String, String> present, List<String> fields) {
        wanted.properties().forEach(entry -> {
            if (!entry.getValue().asText().equals(present.get(entry.getKey()))) {
                fields.add(what + "[" + entry.getKey() + "]");
            }
        });
    }

    /** Whether the list has these entries, found by their address. */
    private static boolean hasEntries(JsonNode wanted, JsonNode present) {
        Map<String, JsonNode> byAddress = new HashMap<>();
        present.forEach(entry -> byAddress.put(entry.path("address").asText(), entry));
        for (JsonNode entry : wanted) {
            JsonNode other = byAddress.get(entry.path("address").asText());
            if (other == null || !isSame(entry, other)) {
                return false;
            }
        }
        return true;
    }

    /** Objects may have more fields than wanted: defaults of the API server, and fields of others. */
    private static boolean isSame(JsonNode wanted, JsonNode present) {
        if (wanted.isNumber() && present.isNumber()) {
            return wanted.decimalValue().compareTo(present.decimalValue()) == 0;
        }
        if (wanted.isObject()) {
            return present.isObject()
                    && wanted.properties().stream()
                            .allMatch(field -> isSame(field.getValue(), present.path(field.getKey())));
        }
        if (wanted instanceof ArrayNode list) {
            return (list.isEmpty() && present.isMissingNode()) || (present.isArray() && sameEntries(list, present));
        }
        return wanted.equals(present);
    }

    private static boolean sameEntries(ArrayNode wanted, JsonNode present) {
        if (wanted.size() != present.size()) {
            return false;
        }
        for (int i = 0; i < wanted.size(); i++) {
            if (!isSame(wanted.path(i), present.path(i))) {
                return false;
            }
        }
        return true;
    }
}
