package dev.iptunnel.api;

import static java.util.Objects.requireNonNullElse;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * An action that RBAC permits, or that an account performed.
 *
 * @param resource with the subresource, as in {@code iptunnels/status}
 * @param namespace empty = none, or all
 * @param name empty = none, or all
 */
public record Right(String verb, String group, String resource, String namespace, String name) {
    /** The rights that the roles among the objects grant. */
    public static Set<Right> grantedBy(List<HasMetadata> objects) {
        Set<Right> rights = new HashSet<>();
        for (HasMetadata object : objects) {
            List<PolicyRule> rules =
                    switch (object) {
                        case ClusterRole role -> role.getRules();
                        case Role role -> role.getRules();
                        default -> List.of();
                    };
            String namespace = requireNonNullElse(object.getMetadata().getNamespace(), "");
            rules.forEach(rule -> rights.addAll(grantedBy(rule, namespace)));
        }
        return rights;
    }

    private static Set<Right> grantedBy(PolicyRule rule, String namespace) {
        if (!rule.getNonResourceURLs().isEmpty()) {
            throw new AssertionError("a right that this does not know: " + rule);
        }
        List<String> names = rule.getResourceNames().isEmpty() ? List.of("") : rule.getResourceNames();
        return rule.getVerbs().stream()
                .flatMap(verb -> rule.getApiGroups().stream()
                        .flatMap(group -> rule.getResources().stream().flatMap(resource -> names.stream()
                                .map(name -> new Right(verb, group, resource, namespace, name)))))
                .collect(Collectors.toSet());
    }

    /** Rights that were used and that nothing grants. */
    public static List<Right> uncovered(Set<Right> used, Set<Right> granted) {
        return used.stream()
                .filter(right -> granted.stream().noneMatch(grant -> grant.covers(right)))
                .toList();
    }

    /** Rights that are granted and were not used. */
    public static List<Right> unused(Set<Right> granted, Set<Right> used) {
        return granted.stream()
                .filter(grant -> used.stream().noneMatch(grant::covers))
                .toList();
    }

    private boolean covers(Right request) {
        return verb.equals(request.verb)
                && group.equals(request.group)
                && resource.equals(request.resource)
                && (namespace.isEmpty() || namespace.equals(request.namespace))
                && (name.isEmpty() || name.equals(request.name));
    }
}
