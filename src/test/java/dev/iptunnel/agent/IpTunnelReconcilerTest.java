package dev.iptunnel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.kernel.FakeTunnelKernel;
import dev.iptunnel.tunnel.SimulatedNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.RetryInfo;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IpTunnelReconcilerTest {
    private final KubernetesClient client = new KubernetesClientBuilder().build();
    private final MovableClock clock = new MovableClock();
    private final EventRecorder events = new EventRecorder(client, Tunnels.NODE, clock);
    private final FakeTunnelKernel kernel = new FakeTunnelKernel(SimulatedNode.withEthernet());
    private final TunnelProgrammer programmer = new TunnelProgrammer(kernel);
    private final TunnelRegistry registry = new TunnelRegistry();
    private final NodeTunnels tunnels = new NodeTunnels();
    private final IpTunnelReconciler reconciler = new IpTunnelReconciler(
            Tunnels.NODE,
            programmer,
            new DesiredTunnels(Tunnels.READER, tunnels),
            new Orphans(
                    kernel,
                    programmer,
                    new ObjectLookup(client),
                    new DefinitionLookup(client),
                    events,
                    Tunnels.MANAGER,
                    Tunnels.NODE,
                    Set::<String>of,
                    clock),
            new StatusBuilder(clock),
            events,
            registry,
            new KernelEventSource(registry, tunnels),
            tunnels);

    @AfterEach
    void close() {
        events.close();
        client.close();
    }

    @Test
    void a_status_is_written_once_though_its_own_event_has_not_come_yet() {
        IpTunnel tunnel = Tunnels.ipip("to-berlin");
        assertThat(reconciler.reconcile(tunnel, context(Optional.empty())).isPatchStatus())
                .isTrue();

        var second = reconciler.reconcile(tunnel, context(Optional.empty()));

        assertThat(second.isPatchStatus()).isFalse();
    }

    @Test
    void a_status_that_may_not_have_been_written_is_written_again() {
        IpTunnel tunnel = Tunnels.ipip("to-berlin");
        assertThat(reconciler.reconcile(tunnel, context(Optional.empty())).isPatchStatus())
                .isTrue();

        var retried = reconciler.reconcile(tunnel, context(Optional.of(new FirstRetry())));

        assertThat(retried.isPatchStatus()).isTrue();
    }

    @Test
    void an_object_of_another_node_is_left_alone() {
        IpTunnel tunnel = Tunnels.ipip("to-berlin");
        IpTunnelReconciler elsewhere = new IpTunnelReconciler(
                "node2",
                programmer,
                new DesiredTunnels(Tunnels.READER, tunnels),
                new Orphans(
                        kernel,
                        programmer,
                        new ObjectLookup(client),
                        new DefinitionLookup(client),
                        events,
                        Tunnels.MANAGER,
                        "node2",
                        Set::<String>of,
                        clock),
                new StatusBuilder(clock),
                events,
                registry,
                new KernelEventSource(registry, tunnels),
                tunnels);

        var control = elsewhere.reconcile(tunnel, context(Optional.empty()));

        assertThat(control.isNoUpdate()).isTrue();
        assertThat(kernel.executed()).isEmpty();
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
                    case "isPrimaryResourceDeleted" -> false;
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }
}
