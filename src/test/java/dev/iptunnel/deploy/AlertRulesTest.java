package dev.iptunnel.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.Program;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The alert rules, as Prometheus's own tool sees them, and the dashboard as kustomize delivers it. */
@Tag("api")
class AlertRulesTest {
    private static final String CASES = "src/test/resources/dev/iptunnel/deploy/iptunnel.rules.test.yaml";

    @Test
    void promtool_finds_nothing_wrong_with_the_rules() {
        String output = Program.run(
                        "promtool", "check", "rules", "--lint=all", "--lint-fatal", Monitoring.RULES.toString())
                .requireOutput();

        assertThat(output).contains("SUCCESS: 11 rules found");
    }

    @Test
    void each_alert_fires_when_it_should_and_not_before() throws IOException {
        assertThat(Program.run("promtool", "test", "rules", CASES).requireOutput())
                .contains("SUCCESS");

        List<String> tested = Files.readAllLines(Path.of(CASES));
        assertThat(Monitoring.alerts())
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
