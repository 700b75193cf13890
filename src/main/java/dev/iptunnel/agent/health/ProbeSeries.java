package dev.iptunnel.agent.health;

import dev.iptunnel.probe.ProbeReport;
import dev.iptunnel.probe.ReachabilityReason.Answer;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** The metrics of the tunnels that are probed, made anew at each scrape, with the label {@code tunnel}. */
final class ProbeSeries implements MultiCollector {
    private final PerTunnelMetrics extent;
    private final Supplier<List<ProbeReport>> reports;

    ProbeSeries(PerTunnelMetrics extent, Supplier<List<ProbeReport>> reports) {
        this.extent = extent;
        this.reports = reports;
    }

    @Override
    public MetricSnapshots collect() {
        List<ProbeReport> probed = extent == PerTunnelMetrics.NONE ? List.of() : reports.get();
        List<MetricSnapshot> all = new ArrayList<>();
        if (!probed.isEmpty()) {
            all.add(gauge(
                    "iptunnel_reachable",
                    "Whether the condition Reachable of the IpTunnel is True; not there while it is Unknown",
                    probed,
                    ProbeSeries::reachable));
            if (extent == PerTunnelMetrics.FULL) {
                all.addAll(others(probed));
            }
        }
        return new MetricSnapshots(all);
    }

    private static Optional<Double> reachable(ProbeReport report) {
        Answer answer = report.reachability().answer();
        return answer == Answer.UNKNOWN ? Optional.empty() : Optional.of(answer == Answer.YES ? 1.0 : 0.0);
    }

    private static List<MetricSnapshot> others(List<ProbeReport> probed) {
        return List.of(
                counter(
                        "iptunnel_probe_sent",
                        "Packets sent to find out whether the peer answers",
                        probed,
                        report -> report.counts().sent()),
                counter(
                        "iptunnel_probe_lost",
                        "Packets of these that were not answered in time",
                        probed,
                        report -> report.counts().lost()),
                gauge(
                        "iptunnel_probe_rtt_seconds",
                        "How long the peer takes to answer a probe, smoothed",
                        probed,
                        report -> report.counts().roundTrip().map(ProbeSeries::seconds)),
                gauge(
                        "iptunnel_probe_interval_seconds",
                        "The interval between two probes of the tunnel, which is longer than asked for on a node with many",
                        probed,
                        report -> Optional.of(seconds(report.interval()))),
                gauge(
                        "iptunnel_path_mtu_bytes",
                        "The longest packet that passes through the tunnel, as last verified; 0 if the search found none",
                        probed,
                        report -> report.pathMtu().stream()
                                .mapToObj(bytes -> (double) bytes)
                                .findFirst()));
    }

    private static double seconds(Duration time) {
        return time.toNanos() / 1e9;
    }

    private static MetricSnapshot gauge(
            String name, String help, List<ProbeReport> probed, Function<ProbeReport, Optional<Double>> value) {
        return new GaugeSnapshot(
                new MetricMetadata(name, help),
                probed.stream()
                        .flatMap(report -> value.apply(report).stream()
                                .map(known -> new GaugeDataPointSnapshot(known, labels(report), null)))
                        .toList());
    }

    private static MetricSnapshot counter(
            String name, String help, List<ProbeReport> probed, ToLongFunction<ProbeReport> value) {
        return new CounterSnapshot(
                new MetricMetadata(name, help),
                probed.stream()
                        .map(report -> new CounterDataPointSnapshot(value.applyAsLong(report), labels(report), null, 0))
                        .toList());
    }

    private static Labels labels(ProbeReport report) {
        return Labels.of("tunnel", report.tunnel());
    }
}
