package dev.iptunnel.set;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** A label selector: all requirements must hold. Without any, it selects every node. */
public record NodeSelector(List<Requirement> requirements) {
    public static final NodeSelector ALL = new NodeSelector(List.of());

    public NodeSelector {
        requirements = List.copyOf(requirements);
    }

    /** How a label is compared, as in {@code LabelSelectorRequirement}. */
    public enum Operator {
        IN,
        NOT_IN,
        EXISTS,
        DOES_NOT_EXIST
    }

    /**
     * One requirement.
     *
     * @param values for {@link Operator#IN} and {@link Operator#NOT_IN}
     */
    public record Requirement(String key, Operator operator, Set<String> values) {
        public Requirement {
            values = Set.copyOf(values);
        }

        boolean holds(Map<String, String> labels) {
            String value = labels.get(key);
            return switch (operator) {
                case IN -> value != null && values.contains(value);
                // A missing label is not in any set, as in Kubernetes.
                case NOT_IN -> value == null || !values.contains(value);
                case EXISTS -> value != null;
                case DOES_NOT_EXIST -> value == null;
            };
        }
    }

    public boolean selects(Map<String, String> labels) {
        return requirements.stream().allMatch(requirement -> requirement.holds(labels));
    }
}
