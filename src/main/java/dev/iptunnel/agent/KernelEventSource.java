package dev.iptunnel.agent;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.kernel.KernelEvent;
import dev.iptunnel.kernel.KernelEvent.EverythingChanged;
import dev.iptunnel.kernel.KernelEvent.LinkChanged;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;

/** Has the tunnels reconciled that a change in the kernel concerns. */
final class KernelEventSource extends SimpleInboundEventSource<IpTunnel> {
    private final TunnelRegistry registry;

    KernelEventSource(TunnelRegistry registry) {
        super("kernel");
        this.registry = registry;
    }

    void handle(KernelEvent event) {
        switch (event) {
            case LinkChanged(String name) -> registry.concernedBy(name).forEach(this::reconcile);
            case EverythingChanged _ -> registry.names().forEach(this::reconcile);
        }
    }

    private void reconcile(String tunnel) {
        propagateEvent(new ResourceID(tunnel));
    }
}
