package dev.iptunnel.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.kernel.KernelException;
import dev.iptunnel.netlink.link.LinkStatistics;
import dev.iptunnel.netlink.link.LinkStatistics.Counters;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.tunnel.TunnelDriver;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TunnelSeriesTest {
    private static final TunnelState UP = new TunnelState(
            "to-berlin",
            "ipip",
            "tun0",
            "192.0.2.1",
            "198.51.100.1",
            "eth0",
            Optional.of(TunnelDriver.IPIP),
            OptionalInt.of(7),
            OptionalInt.of(1480),
            true,
            true,
            "TunnelUp",
            "",
            "2026-01-02T03:04:05Z",
            false,
            2);
    private static final TunnelState REFUSED = new TunnelState(
            "to-bonn",
            "gre",
            "to-bonn",
            "any",
            "198.51.100.2",
            "",
            Optional.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            false,
            false,
            "InvalidSpec",
            "",
            "2026-01-02T03:04:05Z",
            false,
            0);
    private static final LinkStatistics COUNTED = new LinkStatistics(
            7, "tun0", Optional.of("ipip"), new Counters(1, 2, 3, 4, 0), new Counters(5, 6, 7, -1, 0), 0);

    private final List<TunnelState> tunnels = new ArrayList<>(List.of(UP, REFUSED));
    private final List<Set<TunnelDriver>> asked = new ArrayList<>();

    private TunnelSeries series(PerTunnelMetrics extent) {
        return new TunnelSeries(extent, () -> tunnels, drivers -> {
            asked.add(drivers);
            return Map.of(7, COUNTED);
        });
    }

    private static List<String> scrape(TunnelSeries series) {
        PrometheusRegistry registry = new PrometheusRegistry();
        registry.register(series);
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
    void each_tunnel_has_its_state_and_the_kernels_counters() {
        // when
        List<String> lines = scrape(series(PerTunnelMetrics.FULL));

        // then
        assertThat(lines)
                .containsExactlyInAnyOrder(
                        "iptunnel_info{interface=\"tun0\",local=\"192.0.2.1\",mode=\"ipip\",parent=\"eth0\",remote=\"198.51.100.1\",tunnel=\"to-berlin\"} 1",
                        "iptunnel_info{interface=\"to-bonn\",local=\"any\",mode=\"gre\",parent=\"\",remote=\"198.51.100.2\",tunnel=\"to-bonn\"} 1",
                        "iptunnel_ready{tunnel=\"to-berlin\"} 1.0",
                        "iptunnel_ready{tunnel=\"to-bonn\"} 0.0",
                        "iptunnel_programmed{tunnel=\"to-berlin\"} 1.0",
                        "iptunnel_programmed{tunnel=\"to-bonn\"} 0.0",
                        "iptunnel_withdrawn_routes{tunnel=\"to-berlin\"} 2.0",
                        "iptunnel_withdrawn_routes{tunnel=\"to-bonn\"} 0.0",
                        "iptunnel_not_ready_since_timestamp_seconds{reason=\"InvalidSpec\",tunnel=\"to-bonn\"} 1.767323045E9",
                        "iptunnel_mtu_bytes{tunnel=\"to-berlin\"} 1480.0",
                        "iptunnel_receive_packets_total{tunnel=\"to-berlin\"} 1.0",
                        "iptunnel_receive_bytes_total{tunnel=\"to-berlin\"} 2.0",
                        "iptunnel_receive_errors_total{tunnel=\"to-berlin\"} 3.0",
                        "iptunnel_receive_dropped_total{tunnel=\"to-berlin\"} 4.0",
                        "iptunnel_transmit_packets_total{tunnel=\"to-berlin\"} 5.0",
                        "iptunnel_transmit_bytes_total{tunnel=\"to-berlin\"} 6.0",
                        "iptunnel_transmit_errors_total{tunnel=\"to-berlin\"} 7.0",
                        "iptunnel_transmit_dropped_total{tunnel=\"to-berlin\"} 1.8446744073709552E19");
        assertThat(asked).containsExactly(Set.of(TunnelDriver.IPIP));
    }

    @Test
    void basic_metrics_are_what_it_is_whether_it_is_ready_and_the_bytes() {
        // when
        List<String> lines = scrape(series(PerTunnelMetrics.BASIC));

        // then
        assertThat(lines)
                .map(line -> line.substring(0, line.indexOf('{')))
                .containsOnly(
                        "iptunnel_info",
                        "iptunnel_ready",
                        "iptunnel_not_ready_since_timestamp_seconds",
                        "iptunnel_receive_bytes_total",
                        "iptunnel_transmit_bytes_total");
    }

    @Test
    void without_metrics_of_each_tunnel_the_kernel_is_not_asked() {
        // when
        List<String> lines = scrape(series(PerTunnelMetrics.NONE));

        // then
        assertThat(lines).isEmpty();
        assertThat(asked).isEmpty();
    }

    @Test
    void the_series_of_a_deleted_tunnel_are_gone_at_the_next_scrape() {
        // given
        TunnelSeries series = series(PerTunnelMetrics.FULL);
        List<String> before = scrape(series);

        // when
        tunnels.remove(UP);

        // then
        assertThat(before).anyMatch(line -> line.contains("to-berlin"));
        assertThat(scrape(series)).isNotEmpty().noneMatch(line -> line.contains("to-berlin"));
    }

    @Test
    void the_state_is_served_while_the_counters_cannot_be_read() {
        // given
        TunnelSeries series = new TunnelSeries(PerTunnelMetrics.FULL, () -> tunnels, _ -> {
            throw new KernelException(
                    Reason.KERNEL_ERROR, "RTM_GETLINK", "all tunnels", Errno.ENOBUFS, "", new IOException());
        });

        // when
        List<String> lines = scrape(series);

        // then
        assertThat(lines)
                .contains("iptunnel_ready{tunnel=\"to-berlin\"} 1.0")
                .noneMatch(line -> line.contains("_bytes_total"));
        assertThat(series.failures()).isOne();
    }
}
