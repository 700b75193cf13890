package dev.iptunnel.agent.reconcile;

import dev.iptunnel.agent.sdk.Reminders;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;

/** When tunnels are reconciled again: at once, after a while, or because the kernel told something during a look. */
final class Turns {
    private final TunnelRegistry registry;
    private final KernelEventSource kernelEvents;
    private final Reminders reminders;

    Turns(TunnelRegistry registry, KernelEventSource kernelEvents, Reminders reminders) {
        this.registry = registry;
        this.kernelEvents = kernelEvents;
        this.reminders = reminders;
    }

    /** What the SDK is to listen to. */
    EventSource<?, IpTunnel> eventSource() {
        return kernelEvents;
    }

    /** Looks at a tunnel; again, where the kernel told something meanwhile that concerns it, which the look may have missed. */
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

    /** Now, or once more where that is being done. */
    void again(Collection<String> names) {
        kernelEvents.reconcile(names);
    }

    /** Instead of an earlier reminder. */
    void remind(String name, Duration delay) {
        reminders.remind(name, delay);
    }

    void forget(String name) {
        reminders.forget(name);
    }
}
