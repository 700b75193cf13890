package dev.iptunnel.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.Program;
import dev.iptunnel.deploy.Monitoring;
import dev.iptunnel.deploy.Monitoring.Expression;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real Prometheus scrapes the agents: alert rules and dashboard find what they ask for. */
@Tag("cluster")
@ExtendWith(DeployedOperator.class)
class PrometheusClusterTest {
    private static final Cluster cluster = new Cluster();
    private static final String BROKEN = "broken";

    @TempDir
    Path folder;

    @BeforeEach
    void create_a_pair_of_tunnels_and_one_that_is_not_ready() {
        cluster.create("seen1", Cluster.ipip(1, "192.168.60.1/30"));
        cluster.create("seen2", Cluster.ipip(2, "192.168.60.2/30"));
        cluster.create(BROKEN, IpTunnels.with(Cluster.ipip(1, "192.168.61.1/30"), "parent: absent0"));
        cluster.awaitReady("seen1");
        cluster.awaitReady("seen2");
        cluster.awaitCondition(BROKEN, "Ready", "False", "ParentNotFound");
        Ping.assertAnswers(cluster, "node1", "192.168.60.2");
    }

    @Test
    void dashboard_and_alert_rules_find_what_they_ask_for() throws IOException {
        try (Forward forward = Forward.open();
                Prometheus prometheus = Prometheus.start(folder, configuration(forward.port()))) {
            cluster.await("Prometheus is ready", prometheus::isReady);

            for (Expression expression : Monitoring.dashboard()) {
                String query = expression.filledIn(".*", "seen1");
                cluster.await(
                        "data for " + expression.of() + ": " + query,
                        () -> !prometheus.query(query).isEmpty());
            }

            assertThat(prometheus.metrics()).containsAll(Monitoring.metrics());
            List<String> healthy = Monitoring.alerts().stream()
                    .map(alert -> alert.of() + " ok")
                    .toList();
            cluster.await("the rules are evaluated", () -> prometheus.rules().equals(healthy));
            assertThat(prometheus.query("ALERTS"))
                    .singleElement()
                    .asString()
                    .contains("IpTunnelNotReady", "node1", BROKEN);
        }
    }

    private static String configuration(int port) {
        return """
                global: {scrape_interval: 5s, evaluation_interval: 5s}
                rule_files: [%s]
                scrape_configs:
                """
                        .formatted(Monitoring.RULES.toAbsolutePath())
                + String.join(
                        "",
                        DeployedOperator.NODES.stream()
                                .map(node ->
                                        """
                                - job_name: %1$s
                                  metrics_path: /%1$s
                                  static_configs: [{targets: ['127.0.0.1:%2$d'], labels: {node: %1$s}}]
                                  relabel_configs: [{target_label: job, replacement: iptunnel}]
                                """
                                                .formatted(node, port))
                                .toList());
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

    /** Serves the page of each node's agent, which is on the node's loopback, under the node's name. */
    private record Forward(HttpServer server) implements AutoCloseable {
        static Forward open() throws IOException {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            DeployedOperator.NODES.forEach(node -> server.createContext("/" + node, exchange -> {
                byte[] page = page(node).getBytes(UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
                exchange.sendResponseHeaders(200, page.length);
                exchange.getResponseBody().write(page);
                exchange.close();
            }));
            server.start();
            return new Forward(server);
        }

        int port() {
            return server.getAddress().getPort();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
