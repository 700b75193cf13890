package dev.iptunnel.agent.reconcile;

import dev.iptunnel.agent.cluster.NodeTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.kernel.KernelEvent;
import dev.iptunnel.kernel.KernelEvent.EverythingChanged;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.ResourceAction;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import io.javaoperatorsdk.operator.processing.event.source.controller.ResourceEvent;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Has the tunnels reconciled that a change in the kernel, or of another tunnel, concerns. */
public final class KernelEventSource extends SimpleInboundEventSource<IpTunnel>
        implements ResourceEventAware<IpTunnel> {
    private static final Duration FIRST_LOOK = Duration.ofMillis(500);
    private static final Duration SUCCESSOR_LOOK = Duration.ofMillis(10);

    private final TunnelRegistry registry;
    private final NodeTunnels tunnels;

    public KernelEventSource(TunnelRegistry registry, NodeTunnels tunnels) {
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
        lookFor(tunnel, FIRST_LOOK);
    }

    /** Has an object reconciled for which the SDK will have dropped what came: soon, and until it was. */
    void reconcileSuccessor(IpTunnel tunnel) {
        lookFor(tunnel, SUCCESSOR_LOOK);
    }

    /** An event of the object itself: any other is dropped for a name that the SDK has forgotten with the predecessor. */
    private void lookFor(IpTunnel tunnel, Duration delay) {
        CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> {
                    if (!registry.knows(tunnel) && tunnels.holds(tunnel)) {
                        getEventHandler()
                                .handleEvent(new ResourceEvent(
                                        ResourceAction.UPDATED, ResourceID.fromResource(tunnel), tunnel));
                        lookFor(tunnel, delay.multipliedBy(2));
                    }
                });
    }

    public void handle(KernelEvent event) {
        List<String> concerned = registry.hear(event);
        reconcile(event instanceof EverythingChanged ? tunnels.names() : concerned);
    }

    /** Now, or again where that is being done. */
    public void reconcile(Collection<String> names) {
        names.forEach(this::reconcile);
    }

    private void reconcile(String tunnel) {
        propagateEvent(new ResourceID(tunnel));
    }
}
