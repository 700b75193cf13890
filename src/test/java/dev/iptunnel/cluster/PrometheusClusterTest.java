package dev.iptunnel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.Program;
import dev.iptunnel.deploy.Monitoring;
import dev.iptunnel.deploy.Monitoring.Expression;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real Prometheus scrapes the agents over TLS: alert rules and dashboard find what they ask for. */
@Tag("cluster")
@ExtendWith(DeployedOperator.class)
class PrometheusClusterTest {
    private static final Cluster cluster = new Cluster();
    private static final String BROKEN = "broken";
    private static final Path SAMPLE = Path.of("deploy/samples/monitoring/prometheus.yaml");
    private static final String TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token";
    private static final String DISCOVERY =
            """
                kubernetes_sd_configs:
                  - role: pod
                    namespaces:
                      names: [iptunnel-system]
            """;

    @TempDir
    Path folder;

    @BeforeAll
    static void serve_metrics_over_TLS() {
        cluster.command("kubectl", "apply", "-k", "src/test/resources/dev/iptunnel/cluster/secure-metrics");
        cluster.command("kubectl", "apply", "-f", "deploy/samples/monitoring/reader.yaml");
        awaitRollout();
    }

    @AfterAll
    static void serve_metrics_on_loopback_alone() {
        cluster.command("kubectl", "apply", "-k", "deploy/base");
        awaitRollout();
    }

    private static void awaitRollout() {
        cluster.command("kubectl", "-n", Cluster.NAMESPACE, "rollout", "status", "ds/iptunnel-agent", "--timeout=180s");
    }

    @BeforeEach
    void create_a_pair_of_tunnels_and_one_that_is_not_ready() {
        cluster.create("seen1", IpTunnels.with(Cluster.ipip(1, "192.168.60.1/30"), "probe: {type: ICMP}"));
        cluster.create("seen2", Cluster.ipip(2, "192.168.60.2/30"));
        cluster.create(BROKEN, IpTunnels.with(Cluster.ipip(1, "192.168.61.1/30"), "parent: absent0"));
        cluster.awaitReady("seen1");
        cluster.awaitReady("seen2");
        cluster.awaitCondition(BROKEN, "Ready", "False", "ParentNotFound");
        Ping.assertAnswers(cluster, "node1", "192.168.60.2");
    }

    @Test
    void dashboard_and_alert_rules_find_what_they_ask_for() throws IOException {
        try (Prometheus prometheus = Prometheus.start(folder, configuration())) {
            cluster.await("Prometheus is ready", prometheus::isReady);
            cluster.await(
                    "both agents are scraped", () -> nodes(prometheus).equals(Set.copyOf(DeployedOperator.NODES)));

            for (Expression expression : Monitoring.dashboard()) {
                String query = expression.filledIn(".*", "seen1");
                cluster.await(
                        "data for " + expression.of() + ": " + query,
                        () -> !prometheus.query(query).isEmpty());
            }

            cluster.await("a sample of every metric", () -> prometheus.metrics().containsAll(Monitoring.metrics()));
            List<String> healthy = Monitoring.alerts().stream()
                    .map(alert -> alert.of() + " ok")
                    .toList();
            cluster.await("the rules are evaluated", () -> prometheus.rules().equals(healthy));
            cluster.await("an alert", () -> !prometheus.query("ALERTS").isEmpty());
            assertThat(prometheus.query("ALERTS"))
                    .singleElement()
                    .asString()
                    .contains("IpTunnelNotReady", "node1", BROKEN);
        }
    }

    private static Set<Object> nodes(Prometheus prometheus) {
        return prometheus.query("up{job=\"iptunnel\"} == 1").stream()
                .map(sample -> sample.get("metric"))
                .map(labels -> ((Map<?, ?>) labels).get("node"))
                .collect(Collectors.toSet());
    }

    /** The sample's configuration. Debian's Prometheus cannot discover pods, so it gets what the discovery would find. */
    private String configuration() throws IOException {
        String sample = Files.readString(SAMPLE);
        assertThat(sample).contains(TOKEN, DISCOVERY);
        Path token = Files.writeString(
                folder.resolve("token"),
                cluster.command("kubectl", "-n", Cluster.NAMESPACE, "create", "token", "iptunnel-metrics-reader")
                        .strip());
        return sample.replace(TOKEN, token.toString()).replace(DISCOVERY, "    static_configs:\n" + targets())
                + "global: {scrape_interval: 5s, evaluation_interval: 5s}\n"
                + "rule_files: [" + Monitoring.RULES.toAbsolutePath() + "]\n";
    }

    private static String targets() {
        return cluster.client.pods().inNamespace(Cluster.NAMESPACE).list().getItems().stream()
                .map(pod ->
                        """
                              - targets: ['%s:9812']
                                labels:
                                  __meta_kubernetes_pod_container_port_name: metrics
                                  __meta_kubernetes_pod_node_name: %s
                        """
                                .formatted(
                                        pod.getStatus().getHostIP(),
                                        pod.getSpec().getNodeName()))
                .collect(Collectors.joining());
    }

    @ParameterizedTest
    @ValueSource(strings = {"node1", "node2"})
    void promtool_finds_nothing_wrong_with_the_metrics(String node) {
        assertThat(Program.runWith(page(node), "promtool", "check", "metrics").requireOutput())
                .isEmpty();
    }

    private static String page(String node) {
        String answer = cluster.metrics(node);
        return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }
}
