package dev.iptunnel.deploy;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The alert rules and the dashboard of {@code deploy/monitoring}. */
public final class Monitoring {
    /** The rules, in the format of Prometheus. */
    public static final Path RULES = Path.of("deploy/monitoring/iptunnel.rules.yaml");

    /** The rules for a cluster whose controller is scraped. */
    static final Path CONTROLLER_RULES = Path.of("deploy/monitoring/iptunnel-controller.rules.yaml");

    static final Path DASHBOARD = Path.of("deploy/monitoring/dashboard.json");
    private static final Pattern METRIC = Pattern.compile("\\b(?:iptunnel_[a-z_]+|jvm_[a-z_]+|up)(?=[{)\\[ ]|$)");

    private Monitoring() {}

    /**
     * An expression of PromQL.
     *
     * @param of the alert, panel or variable that has it
     */
    public record Expression(String of, String text) {
        /** The names of metrics that it reads. */
        public List<String> metrics() {
            return METRIC.matcher(text)
                    .results()
                    .map(match -> match.group())
                    .distinct()
                    .toList();
        }

        /** With a node and a tunnel chosen, and Grafana's own variables as it would fill them. */
        public String filledIn(String node, String tunnel) {
            return text.replace("$node", node)
                    .replace("$tunnel", tunnel)
                    .replace("$__rate_interval", "1m")
                    .replace("$__range", "10m");
        }
    }

    /** The names and expressions of the alerts on agents. */
    public static List<Expression> alerts() {
        return alerts(RULES);
    }

    static List<Expression> alerts(Path file) {
        return rules(file).stream()
                .map(rule -> new Expression(text(rule, "alert"), text(rule, "expr")))
                .toList();
    }

    /** The dashboard's panels, and the queries of its variables. */
    public static List<Expression> dashboard() {
        return Stream.concat(
                        panels().stream().flatMap(panel -> maps(panel, "targets")
                                .map(target -> new Expression("panel " + panel.get("title"), text(target, "expr")))),
                        variables())
                .toList();
    }

    /** {@code label_values(SELECTOR, LABEL)}: those of the label that the selected series have. */
    private static Stream<Expression> variables() {
        return maps(Objects.requireNonNull(tree(DASHBOARD).get("templating")), "list")
                .filter(variable -> "query".equals(variable.get("type")))
                .map(variable -> new Expression(
                        "variable " + variable.get("name"),
                        text(variable, "definition")
                                .replaceAll("label_values\\((.*), (\\w+)\\)", "count by ($2) ($1)")));
    }

    /** All names of metrics that the alerts on agents and the dashboard read. */
    public static List<String> metrics() {
        return List.copyOf(new TreeSet<>(Stream.concat(alerts().stream(), dashboard().stream())
                .flatMap(expression -> expression.metrics().stream())
                .toList()));
    }

    static List<Map<String, Object>> rules(Path file) {
        return maps(tree(file), "groups").flatMap(group -> maps(group, "rules")).toList();
    }

    /** The panels but for the titles of rows. */
    static List<Map<String, Object>> panels() {
        return maps(tree(DASHBOARD), "panels")
                .filter(panel -> !"row".equals(panel.get("type")))
                .toList();
    }

    @SuppressWarnings("unchecked") // as JSON and YAML are read
    static Map<String, Object> tree(Path file) {
        try {
            return (Map<String, Object>) Serialization.unmarshal(Files.readString(file), Map.class);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static String text(Map<String, Object> object, String key) {
        return String.valueOf(Objects.requireNonNull(object.get(key), key)).strip();
    }

    @SuppressWarnings("unchecked") // as JSON and YAML are read
    static Stream<Map<String, Object>> maps(Object object, String key) {
        return ((List<Map<String, Object>>) Objects.requireNonNull(((Map<String, Object>) object).get(key), key))
                .stream();
    }
}
