package dev.iptunnel.agent;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.kernel.FakeTunnelKernel;
import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.tunnel.SimulatedNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.RetryInfo;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** A reconciler that is called by hand, with tunnels in memory and no API server. */
final class OfflineReconciler implements AutoCloseable {
    final FakeTunnelKernel kernel = new FakeTunnelKernel(SimulatedNode.withEthernet());
    final TunnelRegistry registry = new TunnelRegistry();
    final MovableClock clock = new MovableClock();
    final NodeTunnels tunnels = new NodeTunnels();
    final KernelEventSource source = new KernelEventSource(registry, tunnels);

    private final KubernetesClient client = new KubernetesClientBuilder().build();
    private final EventRecorder events = new EventRecorder(client, Tunnels.NODE, clock);
    private final AgentMetrics metrics = new AgentMetrics();
    private final IpTunnelReconciler reconciler;

    OfflineReconciler() {
        this(Tunnels.NODE);
    }

    OfflineReconciler(String nodeName) {
        this(nodeName, kernel -> kernel);
    }

    /** @param intercepted what the reconciler sees of the kernel */
    OfflineReconciler(String nodeName, UnaryOperator<TunnelKernel> intercepted) {
        TunnelProgrammer programmer = new TunnelProgrammer(intercepted.apply(kernel));
        reconciler = new IpTunnelReconciler(
                nodeName,
                programmer,
                new DesiredTunnels(Tunnels.READER, tunnels),
                new Orphans(
                        kernel,
                        programmer,
                        new ObjectLookup(client),
                        new DefinitionLookup(client),
                        events,
                        Tunnels.MANAGER,
                        nodeName,
                        Set::<String>of,
                        clock),
                new StatusBuilder(clock),
                events,
                registry,
                source,
                tunnels,
                metrics,
                clock);
    }

    UpdateControl<IpTunnel> reconcile(IpTunnel tunnel) {
        return reconciler.reconcile(tunnel, context(Optional.empty()));
    }

    /** After a failure. */
    UpdateControl<IpTunnel> retry(IpTunnel tunnel) {
        return reconciler.reconcile(tunnel, context(Optional.of(new FirstRetry())));
    }

    int repairs() {
        return (int) metrics.registry().counter("iptunnel.repairs").count();
    }

    private record FirstRetry() implements RetryInfo {
        @Override
        public int getAttemptCount() {
            return 1;
        }

        @Override
        public boolean isLastAttempt() {
            return false;
        }
    }

    @SuppressWarnings("unchecked")
    private static Context<IpTunnel> context(Optional<RetryInfo> retry) {
        return (Context<IpTunnel>) Proxy.newProxyInstance(
                Context.class.getClassLoader(),
                new Class<?>[] {Context.class},
                (_, method, _) -> switch (method.getName()) {
                    case "getRetryInfo" -> retry;
                    case "isPrimaryResourceDeleted", "isPrimaryResourceFinalStateUnknown" -> false;
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    @Override
    public void close() {
        events.close();
        client.close();
    }
}
