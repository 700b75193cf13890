package dev.iptunnel.controller.spec;

import dev.iptunnel.set.NodeSelector;
import dev.iptunnel.set.NodeSelector.Operator;
import dev.iptunnel.set.NodeSelector.Requirement;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Reads a label selector of Kubernetes. The messages are those of the CRD's rules. */
final class SelectorReader {
    private final Findings findings;

    SelectorReader(Findings findings) {
        this.findings = findings;
    }

    NodeSelector read(String field, LabelSelector selector) {
        List<Requirement> requirements = new ArrayList<>();
        Map<String, String> labels = Objects.requireNonNullElse(selector.getMatchLabels(), Map.of());
        LabelText.check(findings, field + ".matchLabels", labels);
        new TreeMap<>(labels)
                .forEach((key, value) -> requirements.add(new Requirement(key, Operator.IN, Set.of(value))));
        List<LabelSelectorRequirement> expressions =
                Objects.requireNonNullElse(selector.getMatchExpressions(), List.of());
        for (int i = 0; i < expressions.size(); i++) {
            requirement(field + ".matchExpressions[" + i + "]", expressions.get(i))
                    .ifPresent(requirements::add);
        }
        return new NodeSelector(requirements);
    }

    private Optional<Requirement> requirement(String field, LabelSelectorRequirement expression) {
        String key = Objects.requireNonNullElse(expression.getKey(), "");
        String text = Objects.requireNonNullElse(expression.getOperator(), "");
        List<String> values = Objects.requireNonNullElse(expression.getValues(), List.of());
        findings.require(LabelText.isKey(key), field + ".key", LabelText.NO_KEY);
        findings.require(values.stream().allMatch(LabelText::isValue), field + ".values", LabelText.NO_VALUE);
        return operator(field + ".operator", text).map(operator -> {
            boolean compares = operator == Operator.IN || operator == Operator.NOT_IN;
            findings.require(
                    compares == !values.isEmpty(),
                    field + ".values",
                    "operator " + text
                            + (compares
                                    ? " compares with values: write at least one"
                                    : " compares with no value: leave values out"));
            return new Requirement(key, operator, Set.copyOf(values));
        });
    }

    private Optional<Operator> operator(String field, String text) {
        return switch (text) {
            case "In" -> Optional.of(Operator.IN);
            case "NotIn" -> Optional.of(Operator.NOT_IN);
            case "Exists" -> Optional.of(Operator.EXISTS);
            case "DoesNotExist" -> Optional.of(Operator.DOES_NOT_EXIST);
            default -> {
                findings.add(field, "\"" + text + "\" is none of In, NotIn, Exists, DoesNotExist");
                yield Optional.empty();
            }
        };
    }
}
