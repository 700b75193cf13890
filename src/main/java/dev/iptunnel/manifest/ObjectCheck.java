package dev.iptunnel.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.iptunnel.manifest.SchemaCheck.Finding;
import dev.iptunnel.tunnel.Mark;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Compares an object of kind IpTunnel with what the API server accepts: its schema, its metadata, and those rules on names
 * that {@link dev.iptunnel.agent.spec.SpecReader} does not have, because the agent is never asked for such an object.
 */
final class ObjectCheck {
    private static final List<String> FIELDS = List.of("apiVersion", "kind", "metadata", "spec", "status");
    private static final List<String> METADATA = List.of(
            "annotations",
            "creationTimestamp",
            "deletionGracePeriodSeconds",
            "deletionTimestamp",
            "finalizers",
            "generateName",
            "generation",
            "labels",
            "managedFields",
            "name",
            "namespace",
            "ownerReferences",
            "resourceVersion",
            "selfLink",
            "uid");
    private static final Set<String> KERNELS_OWN = Set.of("tunl0", "sit0", "ip6tnl0", "lo", "all", "default");
    private static final int LONGEST_INTERFACE = 15;
    private static final int LONGEST_NAME = 253;
    private static final Pattern SUBDOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

    private ObjectCheck() {}

    /**
     * All that is wrong with the object, but for how the fields of the spec fit together.
     *
     * @param schema of the spec
     */
    static List<Finding> check(JsonNode object, JsonNode schema) {
        List<Finding> findings = new ArrayList<>();
        unknown("", object, FIELDS).forEach(findings::add);
        JsonNode metadata = object.path("metadata");
        unknown("metadata", metadata, METADATA).forEach(findings::add);
        String name = metadata.path("name").asText();
        nameless(metadata, name).ifPresent(findings::add);
        JsonNode spec = object.path("spec");
        if (spec.isMissingNode() || spec.isNull()) {
            findings.add(new Finding("spec", "spec: Required value"));
            return findings;
        }
        findings.addAll(SchemaCheck.check("spec", spec, schema));
        if (findings.isEmpty()) {
            named(name, spec).ifPresent(findings::add);
        }
        return findings;
    }

    private static List<Finding> unknown(String path, JsonNode object, List<String> fields) {
        return object.properties().stream()
                .map(Map.Entry::getKey)
                .filter(field -> !fields.contains(field))
                .map(field -> SchemaCheck.unknown(path, field, fields))
                .toList();
    }

    private static Optional<Finding> nameless(JsonNode metadata, String name) {
        if (!metadata.path("name").isTextual() || name.isEmpty()) {
            return finding(
                    "metadata.name",
                    "Required value: write the name of the IpTunnel, without which no object is" + " found again");
        }
        return isSubdomain(name)
                ? Optional.empty()
                : finding(
                        "metadata.name",
                        "Invalid value: \"" + name
                                + "\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or"
                                + " '.', and must start and end with an alphanumeric character; write the interface's name as"
                                + " spec.interfaceName if it is another");
    }

    private static Optional<Finding> named(String name, JsonNode spec) {
        String node = spec.path("nodeName").asText();
        if (!isSubdomain(node)) {
            return finding(
                    "spec.nodeName",
                    "Invalid value: \"" + node + "\": write the name of a node as `kubectl get nodes` prints it");
        }
        if (name.length() > Mark.MAX_NAME) {
            return finding(
                    "metadata.name",
                    "Invalid value: write a metadata.name of at most " + Mark.MAX_NAME
                            + " characters: the kernel stores it with the interface");
        }
        if (spec.has("interfaceName")) {
            return Optional.empty();
        }
        if (name.length() > LONGEST_INTERFACE) {
            return finding(
                    "spec.interfaceName",
                    "Required value: the object's name is longer than " + LONGEST_INTERFACE
                            + " characters, too long for an interface: set spec.interfaceName, or write a shorter"
                            + " metadata.name");
        }
        return KERNELS_OWN.contains(name)
                ? finding(
                        "spec.interfaceName",
                        "Required value: the object's name is reserved by the kernel, so the interface cannot have it: set"
                                + " spec.interfaceName, or write another metadata.name")
                : Optional.empty();
    }

    /** Whether it is a name that Kubernetes takes for an object of any kind. */
    private static boolean isSubdomain(String name) {
        return name.length() <= LONGEST_NAME && SUBDOMAIN.matcher(name).matches();
    }

    private static Optional<Finding> finding(String path, String message) {
        return Optional.of(new Finding(path, path + ": " + message));
    }
}
