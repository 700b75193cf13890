package dev.iptunnel.controller.health;

import dev.iptunnel.api.v1alpha1.set.IpTunnelSetStatus;
import dev.iptunnel.api.v1alpha1.set.NodeCounts;
import dev.iptunnel.api.v1alpha1.set.PoolCounts;
import dev.iptunnel.api.v1alpha1.set.TunnelCounts;
import dev.iptunnel.health.ProcessMetrics;
import dev.iptunnel.health.SharedScrape;
import dev.iptunnel.pairing.PairReason;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The controller's metrics in the format of Prometheus. The table in {@code deploy/README.md} has all of them. */
public final class ControllerMetrics {
    private static final List<String> STATUSES = List.of("True", "False", "Unknown");

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final PrometheusRegistry prometheus = registry.getPrometheusRegistry();
    private final SharedScrape scrape = new SharedScrape(this::newPage);
    private final Counter writes = Counter.builder()
            .name("iptunnel_controller_writes")
            .help("Writes to the API server; code 0 is no answer")
            .labelNames("resource", "verb", "code")
            .withoutExemplars()
            .register(prometheus);

    public ControllerMetrics() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        ProcessMetrics.register(prometheus);
    }

    /** {@code iptunnel_build_info{version, java}}. */
    public void build(String version, String java) {
        Info build = Info.builder()
                .name("iptunnel_build_info")
                .help("The version of the program and of its Java runtime")
                .labelNames("version", "java")
                .register(prometheus);
        build.addLabelValues(version, java);
    }

    /** {@code iptunnel_controller_writes_total{resource, verb, code}}. */
    public void wrote(String resource, String verb, int code) {
        writes.labelValues(resource, verb, Integer.toString(code)).inc();
    }

    /** {@code iptunnel_controller_leader}. */
    public void watchLeadership(BooleanSupplier leads) {
        GaugeWithCallback.builder()
                .name("iptunnel_controller_leader")
                .help("Whether this controller leads")
                .callback(gauge -> gauge.call(leads.getAsBoolean() ? 1 : 0))
                .register(prometheus);
    }

    /** {@code iptunnel_controller_waiting_sets}. */
    public void watchQueue(Supplier<Integer> waiting) {
        GaugeWithCallback.builder()
                .name("iptunnel_controller_waiting_sets")
                .help("IpTunnelSets that wait for a pass")
                .callback(gauge -> gauge.call(waiting.get()))
                .register(prometheus);
    }

    /** {@code iptunnel_agents{state}}. */
    public void watchAgents(Supplier<Map<String, Long>> byState) {
        GaugeWithCallback.builder()
                .name("iptunnel_agents")
                .help("Agents by what is known of them")
                .labelNames("state")
                .callback(gauge -> byState.get().forEach((state, count) -> gauge.call(count.doubleValue(), state)))
                .register(prometheus);
    }

    /** {@code iptunnel_pairs{reason}}, with all reasons. */
    public void watchPairs(Supplier<Map<PairReason, Long>> byReason) {
        GaugeWithCallback.builder()
                .name("iptunnel_pairs")
                .help("IpTunnels by the reason of their condition Paired")
                .labelNames("reason")
                .callback(gauge -> {
                    Map<PairReason, Long> counts = byReason.get();
                    Stream.of(PairReason.values())
                            .forEach(reason -> gauge.call(counts.getOrDefault(reason, 0L), reason.toString()));
                })
                .register(prometheus);
    }

    /** {@code iptunnelset_...}: what the statuses of the sets say. */
    public void watchSets(Supplier<Map<String, IpTunnelSetStatus>> sets) {
        perSet("iptunnelset_tunnels", "IpTunnels of a set, by what is known of them", sets, ControllerMetrics::tunnels);
        perSet("iptunnelset_nodes", "Nodes of a set, by how far they are", sets, ControllerMetrics::nodes);
        perSet("iptunnelset_addresses", "Inner addresses of a set's pool", sets, ControllerMetrics::addresses);
        GaugeWithCallback.builder()
                .name("iptunnelset_condition")
                .help("Whether a condition of a set has this status")
                .labelNames("set", "type", "status")
                .callback(gauge -> sets.get().forEach((set, status) -> status.conditions()
                        .forEach(condition -> STATUSES.forEach(each -> gauge.call(
                                each.equals(condition.getStatus()) ? 1 : 0, set, condition.getType(), each)))))
                .register(prometheus);
        GaugeWithCallback.builder()
                .name("iptunnelset_rollout_started_timestamp_seconds")
                .help("When the roll-out of a set began; absent while none goes on")
                .labelNames("set")
                .callback(gauge -> sets.get().forEach((set, status) -> startedAt(status)
                        .ifPresent(time -> gauge.call(time.toEpochMilli() / 1e3, set))))
                .register(prometheus);
    }

    private static Optional<Instant> startedAt(IpTunnelSetStatus status) {
        return Optional.ofNullable(status.rollout())
                .flatMap(rollout -> Optional.ofNullable(rollout.startedAt()))
                .map(Instant::parse);
    }

    private void perSet(
            String name,
            String help,
            Supplier<Map<String, IpTunnelSetStatus>> sets,
            Function<IpTunnelSetStatus, Map<String, Long>> counts) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames("set", "state")
                .callback(gauge -> sets.get().forEach((set, status) -> counts.apply(status)
                        .forEach((state, count) -> gauge.call(count.doubleValue(), set, state))))
                .register(prometheus);
    }

    private static Map<String, Long> tunnels(IpTunnelSetStatus status) {
        Map<String, Long> counts = new LinkedHashMap<>();
        TunnelCounts of = status.tunnels();
        if (of != null) {
            counts.put("desired", (long) of.desired());
            counts.put("current", (long) of.current());
            counts.put("updated", (long) of.updated());
            counts.put("ready", (long) of.ready());
            counts.put("unknown", (long) of.unknown());
            counts.put("failed", (long) of.failed());
        }
        return counts;
    }

    private static Map<String, Long> nodes(IpTunnelSetStatus status) {
        Map<String, Long> counts = new LinkedHashMap<>();
        NodeCounts of = status.nodes();
        if (of != null) {
            counts.put("selected", (long) of.selected());
            counts.put("members", (long) of.members());
            counts.put("updated", (long) of.updated());
            counts.put("available", (long) of.available());
            counts.put("updating", (long) of.updating());
            counts.put("deferred", (long) of.deferred());
            counts.put("failed", (long) of.failed());
            counts.put("unusable", (long) of.unusable());
        }
        return counts;
    }

    private static Map<String, Long> addresses(IpTunnelSetStatus status) {
        Map<String, Long> counts = new LinkedHashMap<>();
        PoolCounts of = status.pool();
        if (of != null) {
            counts.put("capacity", of.capacity());
            counts.put("used", of.used());
            counts.put("quarantined", of.quarantined());
        }
        return counts;
    }

    /** The page, in UTF-8. Those who ask at the same time share it: nobody may change it. */
    public byte[] page() {
        return scrape.get();
    }

    private byte[] newPage() {
        ByteArrayOutputStream page = new ByteArrayOutputStream(16 << 10);
        try {
            registry.scrape(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return page.toByteArray();
    }

    /** A state as a label's value. */
    public static String label(Enum<?> state) {
        return state.name().toLowerCase(Locale.ROOT);
    }
}
