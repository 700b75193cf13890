package dev.iptunnel.agent.reconcile;

import dev.iptunnel.agent.sdk.Reminders;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;

/** Reconciles tunnels again: now, after a delay, or because of a kernel event during a look. */
final class Turns {
    private final TunnelRegistry registry;
    private final KernelEventSource kernelEvents;
    private final Reminders reminders;

    Turns(TunnelRegistry registry, KernelEventSource kernelEvents, Reminders reminders) {
        this.registry = registry;
        this.kernelEvents = kernelEvents;
        this.reminders = reminders;
    }

    /** The SDK has to listen to this. */
    EventSource<?, IpTunnel> eventSource() {
        return kernelEvents;
    }

    /**
     * Looks at a tunnel, and again if a kernel event that concerns it arrived during the look, which may have missed
     * it.
     */
    <T> T look(IpTunnel tunnel, Supplier<T> look) {
        registry.beginLook(tunnel);
        try {
            return look.get();
        } finally {
            if (registry.endLook(tunnel)) {
                again(List.of(tunnel.getMetadata().getName()));
            }
        }
    }

    /** Reconciles these tunnels now; once more if they are being reconciled. */
    void again(Collection<String> names) {
        kernelEvents.reconcile(names);
    }

    /** Replaces an earlier reminder. */
    void remind(String name, Duration delay) {
        reminders.remind(name, delay);
    }

    void forget(String name) {
        reminders.forget(name);
    }
}
