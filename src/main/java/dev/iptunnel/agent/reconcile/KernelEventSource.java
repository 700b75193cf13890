package dev.iptunnel.agent.reconcile;

import dev.iptunnel.agent.cluster.NodeTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.kernel.KernelEvent;
import dev.iptunnel.kernel.KernelEvent.EverythingChanged;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.util.Collection;
import java.util.Objects;
import java.util.Set;

/** Reconciles the tunnels that a change in the kernel, or of another tunnel, concerns. */
public final class KernelEventSource extends SimpleInboundEventSource<IpTunnel>
        implements ResourceEventAware<IpTunnel> {
    private final TunnelRegistry registry;
    private final NodeTunnels tunnels;

    public KernelEventSource(TunnelRegistry registry, NodeTunnels tunnels) {
        super("kernel");
        this.registry = registry;
        this.tunnels = tunnels;
    }

    @Override
    public void onResourceCreated(IpTunnel tunnel) {
        tunnels.changed();
    }

    @Override
    public void onResourceUpdated(IpTunnel now, IpTunnel before) {
        if (!Objects.equals(
                now.getMetadata().getGeneration(), before.getMetadata().getGeneration())) {
            tunnels.changed();
        }
    }

    @Override
    public void onResourceDeleted(IpTunnel tunnel) {
        tunnels.changed();
    }

    /** Reconciles the tunnels that the event concerns. */
    public void handle(KernelEvent event) {
        Set<String> concerned = registry.hear(event);
        reconcile(event instanceof EverythingChanged ? tunnels.names() : concerned);
    }

    /** Reconciles these tunnels now; once more if they are being reconciled. */
    public void reconcile(Collection<String> names) {
        names.forEach(this::reconcile);
    }

    private void reconcile(String tunnel) {
        propagateEvent(new ResourceID(tunnel));
    }
}
