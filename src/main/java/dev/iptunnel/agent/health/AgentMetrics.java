package dev.iptunnel.agent.health;

import dev.iptunnel.agent.sdk.EventTags;
import dev.iptunnel.plan.Operation;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetricsV2;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.function.Function;
import java.util.function.Supplier;

/** The agent's metrics in the format of Prometheus. */
public final class AgentMetrics {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    public AgentMetrics() {
        registry.config().meterFilter(new EventTags());
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
    }

    public MeterRegistry registry() {
        return registry;
    }

    public Metrics operatorMetrics() {
        return MicrometerMetricsV2.newBuilder(registry).build();
    }

    /** {@code iptunnel_tunnels{ready="true"|"false"}}. */
    public void watchTunnels(Function<Boolean, Number> countByReadiness) {
        for (boolean ready : new boolean[] {true, false}) {
            Gauge.builder("iptunnel.tunnels", () -> countByReadiness.apply(ready))
                    .description("IpTunnels of this node, by readiness")
                    .tag("ready", Boolean.toString(ready))
                    .register(registry);
        }
    }

    /** {@code iptunnel_held_tunnels} and {@code iptunnel_left_alone_tunnels}. */
    public void watchOrphans(Supplier<Number> held, Supplier<Number> leftAlone) {
        Gauge.builder("iptunnel.held.tunnels", held)
                .description("Tunnels of this node that are kept for a while although their IpTunnel seems to be gone")
                .register(registry);
        Gauge.builder("iptunnel.left.alone.tunnels", leftAlone)
                .description("Tunnels of this node with a mark of another manager, or of an IpTunnel of another node")
                .register(registry);
    }

    /** {@code iptunnel_kernel_operations_total{operation, errno}}; errno 0 is success. */
    public void kernelOperation(Operation operation, String errno) {
        registry.counter(
                        "iptunnel.kernel.operations",
                        "operation",
                        operation.getClass().getSimpleName(),
                        "errno",
                        errno)
                .increment();
    }

    /** {@code iptunnel_repairs_total}. */
    public void repaired() {
        registry.counter("iptunnel.repairs").increment();
    }

    /** {@code iptunnel_events_unwritten_total{reason}}. */
    public void eventNotWritten(String reason) {
        registry.counter("iptunnel.events.unwritten", "reason", reason).increment();
    }

    public String scrape() {
        return registry.scrape();
    }
}
