package dev.iptunnel.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.probe.ProbeCounts;
import dev.iptunnel.probe.ProbeReport;
import dev.iptunnel.probe.Reachability;
import dev.iptunnel.probe.ReachabilityReason;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ProbeSeriesTest {
    private static final ProbeReport ANSWERING = new ProbeReport(
            "to-berlin",
            new Reachability(ReachabilityReason.PATH_MTU_TOO_SMALL, ""),
            new ProbeCounts(20, 3, Optional.of(Duration.ofMillis(12))),
            Duration.ofSeconds(50),
            OptionalInt.of(1380));
    private static final ProbeReport STARTING = new ProbeReport(
            "to-bonn",
            new Reachability(ReachabilityReason.STARTING, ""),
            new ProbeCounts(1, 0, Optional.empty()),
            Duration.ofSeconds(10),
            OptionalInt.empty());

    private final List<ProbeReport> reports = new ArrayList<>(List.of(ANSWERING, STARTING));

    private List<String> scrape(PerTunnelMetrics extent) {
        PrometheusRegistry registry = new PrometheusRegistry();
        registry.register(new ProbeSeries(extent, () -> reports));
        ByteArrayOutputStream page = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.create().write(page, registry.scrape());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return page.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.startsWith("#"))
                .toList();
    }

    @Test
    void each_tunnel_has_what_is_known_of_it() {
        assertThat(scrape(PerTunnelMetrics.FULL))
                .containsExactlyInAnyOrder(
                        "iptunnel_reachable{tunnel=\"to-berlin\"} 0.0",
                        "iptunnel_probe_sent_total{tunnel=\"to-berlin\"} 20.0",
                        "iptunnel_probe_sent_total{tunnel=\"to-bonn\"} 1.0",
                        "iptunnel_probe_lost_total{tunnel=\"to-berlin\"} 3.0",
                        "iptunnel_probe_lost_total{tunnel=\"to-bonn\"} 0.0",
                        "iptunnel_probe_rtt_seconds{tunnel=\"to-berlin\"} 0.012",
                        "iptunnel_probe_interval_seconds{tunnel=\"to-berlin\"} 50.0",
                        "iptunnel_probe_interval_seconds{tunnel=\"to-bonn\"} 10.0",
                        "iptunnel_path_mtu_bytes{tunnel=\"to-berlin\"} 1380.0");
    }

    @Test
    void basic_metrics_are_whether_the_peer_answers() {
        assertThat(scrape(PerTunnelMetrics.BASIC)).containsExactly("iptunnel_reachable{tunnel=\"to-berlin\"} 0.0");
        assertThat(scrape(PerTunnelMetrics.NONE)).isEmpty();
    }

    @Test
    void the_series_of_a_tunnel_that_is_not_probed_any_more_are_gone() {
        reports.clear();

        assertThat(scrape(PerTunnelMetrics.FULL)).isEmpty();
    }
}
