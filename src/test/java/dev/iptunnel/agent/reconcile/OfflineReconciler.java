package dev.iptunnel.agent.reconcile;

import dev.iptunnel.agent.RecordingTimer;
import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.agent.cluster.Identity;
import dev.iptunnel.agent.cluster.NodeTunnels;
import dev.iptunnel.agent.confirm.ChangeTrials;
import dev.iptunnel.agent.confirm.ConfirmSettings;
import dev.iptunnel.agent.event.EventRecorder;
import dev.iptunnel.agent.health.AgentMetrics;
import dev.iptunnel.agent.orphan.Departing;
import dev.iptunnel.agent.probe.Prober;
import dev.iptunnel.agent.program.TunnelProgrammer;
import dev.iptunnel.agent.sdk.Reminders;
import dev.iptunnel.agent.spec.DesiredTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.kernel.FakeTunnelKernel;
import dev.iptunnel.kernel.NetworkConfigurators;
import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.planner.SimulatedNode;
import dev.iptunnel.schedule.MovableClock;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A reconciler that a test calls directly, with tunnels in memory and no API server. */
public final class OfflineReconciler implements AutoCloseable {
    final FakeTunnelKernel kernel = new FakeTunnelKernel(SimulatedNode.withEthernet());
    final TunnelRegistry registry = new TunnelRegistry();
    final MovableClock clock = new MovableClock();
    final NodeTunnels tunnels = new NodeTunnels();
    public final KernelEventSource source = new KernelEventSource(registry, tunnels);

    /** A client of an API server that refuses every connection at once. */
    private final KubernetesClient client = new KubernetesClientBuilder()
            .withConfig(new ConfigBuilder(Config.empty())
                    .withMasterUrl("http://127.0.0.1:9")
                    .withRequestRetryBackoffLimit(0)
                    .build())
            .build();

    /** What was given to be written. */
    final List<IpTunnelStatus> statuses = new ArrayList<>();

    private final EventRecorder events = new EventRecorder(
            client, Tunnels.NODE, clock.clocks(), NetworkConfigurators.ofThisNode(), () -> false, _ -> {});
    private final AgentMetrics metrics = new AgentMetrics();
    private final RecordingTimer timer = new RecordingTimer();
    private final IpTunnelReconciler reconciler;

    OfflineReconciler() {
        this(Tunnels.NODE);
    }

    OfflineReconciler(String nodeName) {
        this(nodeName, kernel -> kernel);
    }

    /** @param intercepted what the reconciler sees of the kernel */
    public OfflineReconciler(String nodeName, UnaryOperator<TunnelKernel> intercepted) {
        TunnelProgrammer programmer = new TunnelProgrammer(intercepted.apply(kernel));
        Departing departing = new Departing(
                kernel, programmer, client, tunnels, events, new Identity(Tunnels.MANAGER, nodeName), clock.clocks());
        reconciler = IpTunnelReconciler.of(
                nodeName,
                tunnels,
                new DesiredTunnels(Tunnels.READER, tunnels),
                programmer,
                departing.departures(timer),
                ChangeTrials.of(kernel, ConfirmSettings.OFF, clock.clocks().steady(), metrics::rolledBack),
                new Prober(clock.clocks().steady(), source::reconcile, _ -> {}),
                registry,
                source,
                new Statuses() {
                    @Override
                    public void write(IpTunnel tunnel, IpTunnelStatus status) {
                        statuses.add(status);
                    }

                    @Override
                    public void confirm(IpTunnel tunnel, IpTunnelStatus status) {}
                },
                events,
                metrics,
                new Reminders(timer, name -> source.reconcile(List.of(name))),
                clock.clocks());
    }

    /** The delay until the tunnel that was reconciled last is reconciled again. */
    Optional<Duration> reminder() {
        return timer.last();
    }

    public UpdateControl<IpTunnel> reconcile(IpTunnel tunnel) {
        return reconciler.reconcile(tunnel, context());
    }

    /** The SDK caught an exception of the reconciler. */
    ErrorStatusUpdateControl<IpTunnel> fail(IpTunnel tunnel) {
        return reconciler.updateErrorStatus(tunnel, context(), new IllegalStateException("a fault"));
    }

    int repairs() {
        return metrics.scrape()
                .lines()
                .filter(line -> line.startsWith("iptunnel_repairs_total{"))
                .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @SuppressWarnings("unchecked")
    private static Context<IpTunnel> context() {
        return (Context<IpTunnel>) Proxy.newProxyInstance(
                Context.class.getClassLoader(),
                new Class<?>[] {Context.class},
                (_, method, _) -> switch (method.getName()) {
                    case "isPrimaryResourceDeleted", "isPrimaryResourceFinalStateUnknown" -> false;
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    @Override
    public void close() {
        timer.shutdownNow();
        events.close();
        client.close();
    }
}
