package dev.iptunnel.agent;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.kernel.KernelEvent;
import dev.iptunnel.kernel.KernelEvent.EverythingChanged;
import dev.iptunnel.kernel.KernelEvent.LinkChanged;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Has the tunnels reconciled that a change in the kernel concerns. */
final class KernelEventSource extends SimpleInboundEventSource<IpTunnel> {
    private static final Duration LATER = Duration.ofMillis(200);

    private final TunnelRegistry registry;
    private final NodeTunnels tunnels;

    KernelEventSource(TunnelRegistry registry, NodeTunnels tunnels) {
        super("kernel");
        this.registry = registry;
        this.tunnels = tunnels;
    }

    /** Has a tunnel reconciled in a moment, if its object is there then. */
    void reconcileLater(String name) {
        CompletableFuture.delayedExecutor(LATER.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> tunnels.byName(name).ifPresent(_ -> reconcile(name)));
    }

    void handle(KernelEvent event) {
        switch (event) {
            case LinkChanged(String name) -> registry.concernedBy(name).forEach(this::reconcile);
            case EverythingChanged _ -> tunnels.names().forEach(this::reconcile);
        }
    }

    private void reconcile(String tunnel) {
        propagateEvent(new ResourceID(tunnel));
    }
}
