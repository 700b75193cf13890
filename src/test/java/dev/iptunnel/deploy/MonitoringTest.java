package dev.iptunnel.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The alert rules and the dashboard by themselves. What Prometheus makes of them: AlertRulesTest, PrometheusClusterTest. */
class MonitoringTest {
    private static final Path README = Path.of("deploy/README.md");

    private static List<Map<String, Object>> allRules() {
        return Stream.of(Monitoring.RULES, Monitoring.CONTROLLER_RULES)
                .flatMap(file -> Monitoring.rules(file).stream())
                .toList();
    }

    @ParameterizedTest
    @CsvSource({
        "prometheusrule.yaml, iptunnel.rules.yaml",
        "controller-prometheusrule.yaml, iptunnel-controller.rules.yaml"
    })
    void the_object_of_the_Prometheus_operator_has_the_rules_of_the_file(String object, String file) {
        Path folder = Path.of("deploy/monitoring");

        assertThat(Monitoring.tree(folder.resolve(object)).get("spec"))
                .isEqualTo(Monitoring.tree(folder.resolve(file)));
    }

    @Test
    void each_alert_has_a_severity_a_summary_and_a_line_in_the_runbook() throws IOException {
        String readme = Files.readString(README);

        assertThat(allRules()).hasSize(19).allSatisfy(rule -> {
            String name = Monitoring.text(rule, "alert");
            assertThat(map(rule, "labels").get("severity")).isIn("warning", "critical");
            assertThat(map(rule, "annotations"))
                    .containsKey("summary")
                    .containsEntry("runbook", README + "#" + name.toLowerCase(Locale.ROOT));
            assertThat(readme).containsPattern("(?m)^#### " + name + "\n\n\\S");
        });
    }

    @Test
    void the_runbook_has_no_line_of_an_alert_that_does_not_exist() throws IOException {
        List<String> headings = Files.readAllLines(README).stream()
                .filter(line -> line.startsWith("#### IpTunnel"))
                .map(line -> line.substring("#### ".length()))
                .toList();

        assertThat(headings)
                .containsExactlyElementsOf(allRules().stream()
                        .map(rule -> Monitoring.text(rule, "alert"))
                        .toList());
    }

    @Test
    void each_panel_says_what_it_shows_and_asks_the_chosen_data_source() {
        assertThat(Monitoring.panels()).hasSizeGreaterThan(20).allSatisfy(panel -> {
            assertThat(Monitoring.text(panel, "title")).isNotEmpty();
            assertThat(Monitoring.text(panel, "description")).endsWith(".");
            assertThat(map(panel, "datasource")).containsEntry("uid", "${datasource}");
            assertThat(Monitoring.maps(panel, "targets")).isNotEmpty().allSatisfy(target -> assertThat(target)
                    .containsEntry("datasource", panel.get("datasource")));
        });
    }

    @Test
    void panels_have_ids_of_their_own_and_do_not_overlap() {
        List<Map<String, Object>> panels =
                Monitoring.maps(Monitoring.tree(Monitoring.DASHBOARD), "panels").toList();

        assertThat(panels).extracting(panel -> panel.get("id")).doesNotHaveDuplicates();
        for (Map<String, Object> panel : panels) {
            assertThat(panels)
                    .filteredOn(other -> other != panel && overlap(map(panel, "gridPos"), map(other, "gridPos")))
                    .as("panels on top of %s", panel.get("title"))
                    .isEmpty();
            assertThat(end(map(panel, "gridPos"), "x", "w")).isLessThanOrEqualTo(24);
        }
    }

    private static boolean overlap(Map<String, Object> one, Map<String, Object> other) {
        return overlap(one, other, "x", "w") && overlap(one, other, "y", "h");
    }

    private static boolean overlap(Map<String, Object> one, Map<String, Object> other, String start, String size) {
        return number(one, start) < end(other, start, size) && number(other, start) < end(one, start, size);
    }

    private static int end(Map<String, Object> place, String start, String size) {
        return number(place, start) + number(place, size);
    }

    private static int number(Map<String, Object> place, String key) {
        return ((Number) Objects.requireNonNull(place.get(key))).intValue();
    }

    @SuppressWarnings("unchecked") // as JSON and YAML are read
    private static Map<String, Object> map(Map<String, Object> object, String key) {
        return (Map<String, Object>) Objects.requireNonNull(object.get(key), key);
    }
}
