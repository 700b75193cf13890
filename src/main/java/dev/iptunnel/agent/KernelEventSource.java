package dev.iptunnel.agent;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.kernel.KernelEvent;
import dev.iptunnel.kernel.KernelEvent.EverythingChanged;
import dev.iptunnel.kernel.KernelEvent.LinkChanged;
import dev.iptunnel.kernel.KernelEvent.RouteChanged;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Has the tunnels reconciled that a change in the kernel, or of another tunnel, concerns. */
final class KernelEventSource extends SimpleInboundEventSource<IpTunnel> implements ResourceEventAware<IpTunnel> {
    private static final Duration FIRST_LOOK = Duration.ofMillis(500);

    private final TunnelRegistry registry;
    private final NodeTunnels tunnels;

    KernelEventSource(TunnelRegistry registry, NodeTunnels tunnels) {
        super("kernel");
        this.registry = registry;
        this.tunnels = tunnels;
    }

    /**
     * The SDK may drop what comes for a name while it works on the deletion of its predecessor: each new object is looked
     * for until it has been reconciled, or is gone.
     */
    @Override
    public void onResourceCreated(IpTunnel tunnel) {
        ensureReconciled(tunnel, FIRST_LOOK);
    }

    private void ensureReconciled(IpTunnel tunnel, Duration delay) {
        CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> {
                    if (!registry.knows(tunnel) && tunnels.holds(tunnel)) {
                        reconcile(tunnel.getMetadata().getName());
                        ensureReconciled(tunnel, delay.multipliedBy(2));
                    }
                });
    }

    void handle(KernelEvent event) {
        switch (event) {
            case LinkChanged link -> reconcile(registry.concernedBy(link));
            case RouteChanged route -> reconcile(registry.concernedBy(route));
            case EverythingChanged _ -> reconcile(tunnels.names());
        }
    }

    /** Now, or again where that is being done. */
    void reconcile(Collection<String> names) {
        names.forEach(this::reconcile);
    }

    private void reconcile(String tunnel) {
        propagateEvent(new ResourceID(tunnel));
    }
}
