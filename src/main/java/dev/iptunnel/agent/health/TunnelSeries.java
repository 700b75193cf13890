package dev.iptunnel.agent.health;

import dev.iptunnel.kernel.KernelException;
import dev.iptunnel.netlink.link.LinkStatistics;
import dev.iptunnel.netlink.link.LinkStatistics.Counters;
import dev.iptunnel.tunnel.TunnelDriver;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The metrics of each tunnel, made anew at each scrape: those of a deleted tunnel are gone at the next one. The label
 * {@code tunnel} is the only one, except in {@code iptunnel_info}, which has all else to join with.
 */
final class TunnelSeries implements MultiCollector {
    private static final Logger log = LoggerFactory.getLogger(TunnelSeries.class);
    private static final String[] INFO_LABELS = {"tunnel", "mode", "interface", "local", "remote", "parent"};

    private final PerTunnelMetrics extent;
    private final Supplier<List<TunnelState>> tunnels;
    private final Function<Set<TunnelDriver>, Map<Integer, LinkStatistics>> statistics;
    private final AtomicLong failures = new AtomicLong();

    /** @param statistics of the interfaces of these drivers, by ifindex; may throw {@link KernelException} */
    TunnelSeries(
            PerTunnelMetrics extent,
            Supplier<List<TunnelState>> tunnels,
            Function<Set<TunnelDriver>, Map<Integer, LinkStatistics>> statistics) {
        this.extent = extent;
        this.tunnels = tunnels;
        this.statistics = statistics;
    }

    /** How often the kernel's counters could not be read. */
    long failures() {
        return failures.get();
    }

    /** A tunnel at one scrape. */
    private record Sample(TunnelState state, Labels labels, Optional<LinkStatistics> statistics) {}

    @Override
    public MetricSnapshots collect() {
        if (extent == PerTunnelMetrics.NONE) {
            return MetricSnapshots.of();
        }
        List<Sample> samples = samples();
        List<MetricSnapshot> all = new ArrayList<>(basic(samples));
        if (extent == PerTunnelMetrics.FULL) {
            all.addAll(others(samples));
        }
        return new MetricSnapshots(all);
    }

    private List<Sample> samples() {
        List<TunnelState> states = tunnels.get();
        Map<Integer, LinkStatistics> counted = read(states);
        return states.stream()
                .map(state -> new Sample(
                        state,
                        Labels.of("tunnel", state.name()),
                        state.ifindex().stream()
                                .boxed()
                                .flatMap(index -> Optional.ofNullable(counted.get(index)).stream())
                                .findFirst()))
                .toList();
    }

    private Map<Integer, LinkStatistics> read(List<TunnelState> states) {
        Set<TunnelDriver> drivers = states.stream()
                .filter(state -> state.ifindex().isPresent())
                .flatMap(state -> state.driver().stream())
                .collect(Collectors.toSet());
        try {
            return statistics.apply(drivers);
        } catch (KernelException e) {
            failures.incrementAndGet();
            log.atDebug().setCause(e).log("the counters of the tunnels cannot be read");
            return Map.of();
        }
    }

    private static List<MetricSnapshot> basic(List<Sample> samples) {
        return List.of(
                info(samples),
                gauge(
                        "iptunnel_ready",
                        "Whether the condition Ready of the IpTunnel is True",
                        samples,
                        sample -> sample.state().ready() ? 1 : 0),
                notReadySince(samples),
                counter(
                        "iptunnel_receive_bytes",
                        "Bytes received through the tunnel, of inner packets",
                        samples,
                        link -> link.received().bytes()),
                counter(
                        "iptunnel_transmit_bytes",
                        "Bytes sent through the tunnel, of inner packets",
                        samples,
                        link -> link.transmitted().bytes()));
    }

    private static List<MetricSnapshot> others(List<Sample> samples) {
        List<MetricSnapshot> all = new ArrayList<>();
        all.add(gauge(
                "iptunnel_programmed",
                "Whether the kernel holds what the spec of the IpTunnel asks for",
                samples,
                sample -> sample.state().programmed() ? 1 : 0));
        all.add(gauge(
                "iptunnel_withdrawn_routes",
                "Routes that the spec lets go while packets cannot pass, and that are gone",
                samples,
                sample -> sample.state().withdrawn()));
        all.add(gauge(
                "iptunnel_mtu_bytes",
                "The MTU of the tunnel's interface",
                samples.stream()
                        .filter(sample -> sample.state().mtu().isPresent())
                        .toList(),
                sample -> sample.state().mtu().getAsInt()));
        all.addAll(direction("receive", "received", samples, LinkStatistics::received));
        all.addAll(direction("transmit", "sent", samples, LinkStatistics::transmitted));
        return all;
    }

    private static List<MetricSnapshot> direction(
            String name, String done, List<Sample> samples, Function<LinkStatistics, Counters> side) {
        return List.of(
                counter(
                        "iptunnel_" + name + "_packets",
                        "Packets " + done + " through the tunnel",
                        samples,
                        link -> side.apply(link).packets()),
                counter(
                        "iptunnel_" + name + "_errors",
                        "Packets not " + done + " because of an error",
                        samples,
                        link -> side.apply(link).errors()),
                counter(
                        "iptunnel_" + name + "_dropped",
                        "Packets that the kernel dropped instead of being " + done + " through the tunnel",
                        samples,
                        link -> side.apply(link).dropped()));
    }

    private static MetricSnapshot info(List<Sample> samples) {
        return new InfoSnapshot(
                new MetricMetadata("iptunnel", "What the tunnel is; join with it on the label tunnel"),
                samples.stream()
                        .map(sample -> new InfoDataPointSnapshot(infoLabels(sample.state())))
                        .toList());
    }

    private static Labels infoLabels(TunnelState state) {
        String[] values = {
            state.name(), state.mode(), state.interfaceName(), state.local(), state.remote(), state.parent()
        };
        return Labels.of(INFO_LABELS, values);
    }

    private static MetricSnapshot notReadySince(List<Sample> samples) {
        return new GaugeSnapshot(
                new MetricMetadata(
                        "iptunnel_not_ready_since_timestamp_seconds",
                        "When the condition Ready of the IpTunnel ceased to be True, and why it is not"),
                samples.stream()
                        .filter(sample -> !sample.state().ready()
                                && !sample.state().since().isEmpty())
                        .map(sample -> new GaugeDataPointSnapshot(
                                Instant.parse(sample.state().since()).getEpochSecond(),
                                sample.labels().add("reason", sample.state().reason()),
                                null))
                        .toList());
    }

    private static MetricSnapshot gauge(
            String name, String help, List<Sample> samples, ToDoubleFunction<Sample> value) {
        return new GaugeSnapshot(
                new MetricMetadata(name, help),
                samples.stream()
                        .map(sample -> new GaugeDataPointSnapshot(value.applyAsDouble(sample), sample.labels(), null))
                        .toList());
    }

    private static MetricSnapshot counter(
            String name, String help, List<Sample> samples, ToLongFunction<LinkStatistics> value) {
        return new CounterSnapshot(
                new MetricMetadata(name, help),
                samples.stream()
                        .flatMap(sample -> sample.statistics().stream()
                                .map(link -> new CounterDataPointSnapshot(
                                        unsigned(value.applyAsLong(link)), sample.labels(), null, 0)))
                        .toList());
    }

    /** The kernel's counters have 64 bits without a sign. */
    private static double unsigned(long count) {
        return count >= 0 ? count : (count >>> 1) * 2.0;
    }
}
