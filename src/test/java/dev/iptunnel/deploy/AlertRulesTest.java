package dev.iptunnel.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.Program;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The alert rules, as Prometheus's own tool sees them, and the dashboard as kustomize delivers it. */
@Tag("api")
class AlertRulesTest {
    private static final Path CASES = Path.of("src/test/resources/dev/iptunnel/deploy");

    static Stream<Arguments> rules() {
        return Stream.of(Arguments.of(Monitoring.RULES, 13), Arguments.of(Monitoring.CONTROLLER_RULES, 6));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void promtool_finds_nothing_wrong_with_the_rules(Path rules, int count) {
        String output = Program.run("promtool", "check", "rules", "--lint=all", "--lint-fatal", rules.toString())
                .requireOutput();

        assertThat(output).contains("SUCCESS: " + count + " rules found");
    }

    @ParameterizedTest
    @MethodSource("rules")
    void each_alert_fires_when_it_should_and_not_before(Path rules) throws IOException {
        Path cases = CASES.resolve(rules.getFileName().toString().replace(".yaml", ".test.yaml"));

        assertThat(Program.run("promtool", "test", "rules", cases.toString()).requireOutput())
                .contains("SUCCESS");

        List<String> tested = Files.readAllLines(cases);
        assertThat(Monitoring.alerts(rules))
                .allSatisfy(alert -> assertThat(tested).contains("      - alertname: " + alert.of()));
    }

    @Test
    void the_kustomization_delivers_the_dashboard_to_Grafana_s_sidecar() throws IOException {
        var objects = Manifests.ofKustomization("deploy/monitoring");

        ConfigMap dashboard = Manifests.as(ConfigMap.class, objects, "ConfigMap/iptunnel-system/iptunnel-dashboard");
        assertThat(dashboard.getMetadata().getLabels()).containsEntry("grafana_dashboard", "1");
        assertThat(dashboard.getData()).containsEntry("iptunnel.json", Files.readString(Monitoring.DASHBOARD));
    }
}
