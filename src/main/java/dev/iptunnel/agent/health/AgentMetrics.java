package dev.iptunnel.agent.health;

import dev.iptunnel.agent.confirm.Cause;
import dev.iptunnel.agent.lease.LeaseRenewal;
import dev.iptunnel.agent.sdk.EventTags;
import dev.iptunnel.agent.sdk.MeterHelp;
import dev.iptunnel.health.ProcessMetrics;
import dev.iptunnel.health.SharedScrape;
import dev.iptunnel.kernel.OperationListener;
import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.probe.ProbeReport;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetricsV2;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** The agent's metrics in the format of Prometheus. The table in {@code deploy/README.md} has all that begin with iptunnel. */
public final class AgentMetrics {
    /** In seconds. A look at the cache takes some ten microseconds, a kernel that waits for a lock seconds. */
    private static final double[] BUCKETS = {
        0.00001, 0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10
    };

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final PrometheusRegistry prometheus = registry.getPrometheusRegistry();
    private final SharedScrape scrape = new SharedScrape(this::newPage);
    private final PerTunnelMetrics perTunnel;

    private final Counter operations = counter(
            "iptunnel_kernel_operations",
            "Operations on the kernel, by their error; errno 0 is success",
            "operation",
            "errno");
    private final Histogram operationTimes = histogram(
            "iptunnel_kernel_operation_duration_seconds", "How long the kernel took for an operation", "operation");
    private final Histogram plans = histogram(
            "iptunnel_plan_duration_seconds",
            "How long it took to read the state of a tunnel, from the cache or from the kernel, and to plan",
            "read");
    private final Histogram roundTrips =
            histogram("iptunnel_probe_round_trip_seconds", "How long the peers of all tunnels took to answer probes");
    private final Counter repairs = counter(
            "iptunnel_repairs", "Repairs of a change that was not the agent's, by what had been changed", "field");
    private final Counter unwritten =
            counter("iptunnel_events_unwritten", "Events that were not written to the API server", "reason");
    private final Counter rollbacks = counter(
            "iptunnel_rollbacks",
            "Changes that were undone because they cut the node off, by how that was found",
            "cause");
    private final Counter leaseRenewals =
            counter("iptunnel_lease_renewals", "Renewals of the agent's Lease, by what became of them", "result");

    public AgentMetrics() {
        this(PerTunnelMetrics.FULL);
    }

    public AgentMetrics(PerTunnelMetrics perTunnel) {
        this.perTunnel = perTunnel;
        registry.config().meterFilter(new EventTags()).meterFilter(new MeterHelp());
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        ProcessMetrics.register(prometheus);
        for (RepairedField field : RepairedField.values()) {
            repairs.initLabelValues(field.label());
        }
        for (Cause cause : Cause.values()) {
            rollbacks.initLabelValues(cause.label());
        }
    }

    /** A change was undone because it cut the node off. */
    public void rolledBack(Cause cause) {
        rollbacks.labelValues(cause.label()).inc();
    }

    public MeterRegistry registry() {
        return registry;
    }

    public Metrics operatorMetrics() {
        return MicrometerMetricsV2.newBuilder(registry).build();
    }

    /** {@code iptunnel_build_info{version, java}}. */
    public void build(String version, String java) {
        Info build = Info.builder()
                .name("iptunnel_build_info")
                .help("The version of the agent and of its Java runtime")
                .labelNames("version", "java")
                .register(prometheus);
        build.addLabelValues(version, java);
    }

    /** {@code iptunnel_tunnels{ready}}, {@code iptunnel_contended_tunnels}, and the metrics of each tunnel. */
    public void watchTunnels(Supplier<List<TunnelState>> tunnels, TunnelKernel kernel) {
        GaugeWithCallback.builder()
                .name("iptunnel_tunnels")
                .help("IpTunnels of this node, by readiness")
                .labelNames("ready")
                .callback(gauge -> {
                    List<TunnelState> all = tunnels.get();
                    long ready = all.stream().filter(TunnelState::ready).count();
                    gauge.call((double) ready, "true");
                    gauge.call((double) (all.size() - ready), "false");
                })
                .register(prometheus);
        gauge(
                "iptunnel_contended_tunnels",
                "IpTunnels of this node whose repairs something else keeps undoing",
                () -> tunnels.get().stream().filter(TunnelState::contended).count());
        TunnelSeries series = new TunnelSeries(perTunnel, tunnels, kernel::statistics);
        prometheus.register(series);
        callback(
                "iptunnel_statistics_read_failures",
                "Scrapes at which the kernel's counters of the tunnels could not be read",
                series,
                TunnelSeries::failures);
    }

    /** The metrics of each tunnel that is probed. */
    public void watchProbes(Supplier<List<ProbeReport>> reports) {
        prometheus.register(new ProbeSeries(perTunnel, reports));
    }

    /** {@code iptunnel_netlink_overruns_total} and {@code iptunnel_netlink_relists_total}. */
    public void watchKernel(TunnelKernel kernel) {
        callback(
                "iptunnel_netlink_overruns",
                "How often the kernel dropped notifications because they came faster than they were read",
                kernel,
                of -> of.watchCounts().overruns());
        callback(
                "iptunnel_netlink_relists",
                "How often everything was listed again, after an overrun or a failure of the socket",
                kernel,
                of -> of.watchCounts().relists());
    }

    /** {@code iptunnel_held_tunnels} and {@code iptunnel_left_alone_tunnels}. */
    public void watchOrphans(Supplier<Number> held, Supplier<Number> leftAlone) {
        gauge(
                "iptunnel_held_tunnels",
                "Tunnels of this node that are kept for a while although their IpTunnel seems to be gone",
                held);
        gauge(
                "iptunnel_left_alone_tunnels",
                "Tunnels of this node with a mark of another manager, or of an IpTunnel of another node",
                leftAlone);
    }

    /** {@code iptunnel_queue_depth}. */
    public void watchQueue(Supplier<Number> waiting) {
        gauge("iptunnel_queue_depth", "IpTunnels that wait for a thread that reconciles them", waiting);
    }

    /** {@code iptunnel_last_comparison_timestamp_seconds}; not there before the first one. */
    public void watchComparison(Supplier<Optional<Instant>> last) {
        time("iptunnel_last_comparison_timestamp_seconds", "When everything was last compared with the kernel", last);
    }

    /**
     * {@code iptunnel_last_api_contact_timestamp_seconds}, which is not there before the first contact, and
     * {@code iptunnel_watch_restarts_total{resource}}.
     */
    public void watchApiServer(Supplier<Optional<Instant>> lastContact, Supplier<Map<String, Long>> restarts) {
        time(
                "iptunnel_last_api_contact_timestamp_seconds",
                "When the API server was last heard of: an answer, an event or a pong of the watch",
                lastContact);
        CounterWithCallback.builder()
                .name("iptunnel_watch_restarts")
                .help("How often a watch of the API server was opened again")
                .labelNames("resource")
                .callback(counter ->
                        restarts.get().forEach((resource, count) -> counter.call(count.doubleValue(), resource)))
                .register(prometheus);
    }

    /** {@code iptunnel_kernel_operations_total} and {@code iptunnel_kernel_operation_duration_seconds}. */
    public OperationListener operations() {
        return new OperationListener() {
            @Override
            public void executed(Operation operation, String errno) {
                operations
                        .labelValues(operation.getClass().getSimpleName(), errno)
                        .inc();
            }

            @Override
            public void executed(Operation operation, String errno, Duration took) {
                executed(operation, errno);
                operationTimes.labelValues(operation.getClass().getSimpleName()).observe(seconds(took));
            }
        };
    }

    /** {@code iptunnel_probe_round_trip_seconds}: an answer to a probe took so long. */
    public void roundTrip(Duration took) {
        roundTrips.observe(seconds(took));
    }

    /** {@code iptunnel_plan_duration_seconds{read="cache"|"kernel"}}. */
    public void planned(boolean cached, Duration took) {
        plans.labelValues(cached ? "cache" : "kernel").observe(seconds(took));
    }

    /** {@code iptunnel_repairs_total{field}}: these plans of one repair were executed. */
    public void repaired(Collection<Plan> executed) {
        RepairedField.of(executed)
                .forEach(field -> repairs.labelValues(field.label()).inc());
    }

    /** {@code iptunnel_events_unwritten_total{reason}}. */
    public void eventNotWritten(String reason) {
        unwritten.labelValues(reason).inc();
    }

    /** {@code iptunnel_lease_renewals_total{result}}. */
    public void leaseRenewed(LeaseRenewal.Result result) {
        leaseRenewals.labelValues(result.name().toLowerCase(Locale.ROOT)).inc();
    }

    /** The page, in UTF-8. Those who ask at the same time share it: nobody may change it. */
    public byte[] page() {
        return scrape.get();
    }

    /** The page as text. */
    public String scrape() {
        return new String(page(), StandardCharsets.UTF_8);
    }

    private byte[] newPage() {
        ByteArrayOutputStream page = new ByteArrayOutputStream(64 << 10);
        try {
            registry.scrape(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return page.toByteArray();
    }

    private static double seconds(Duration time) {
        return time.toNanos() / 1e9;
    }

    private Counter counter(String name, String help, String... labels) {
        return Counter.builder()
                .name(name)
                .help(help)
                .labelNames(labels)
                .withoutExemplars()
                .register(prometheus);
    }

    private Histogram histogram(String name, String help, String... labels) {
        return Histogram.builder()
                .name(name)
                .help(help)
                .labelNames(labels)
                .classicOnly()
                .classicUpperBounds(BUCKETS)
                .withoutExemplars()
                .register(prometheus);
    }

    private void gauge(String name, String help, Supplier<? extends Number> value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(gauge -> gauge.call(value.get().doubleValue()))
                .register(prometheus);
    }

    private void time(String name, String help, Supplier<Optional<Instant>> last) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(gauge -> last.get().ifPresent(time -> gauge.call(time.toEpochMilli() / 1e3)))
                .register(prometheus);
    }

    private <T> void callback(String name, String help, T of, ToDoubleFunction<T> value) {
        CounterWithCallback.builder()
                .name(name)
                .help(help)
                .callback(counter -> counter.call(value.applyAsDouble(of)))
                .register(prometheus);
    }
}
