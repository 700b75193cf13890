package dev.iptunnel.kernel.watch;

import dev.iptunnel.kernel.KernelEvent;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands events to a listener. An event on which the listener fails is handed to it again with the next ones. */
final class EventDelivery {
    private static final Logger log = LoggerFactory.getLogger(EventDelivery.class);

    private final Consumer<KernelEvent> listener;
    private final Set<KernelEvent> undelivered = new LinkedHashSet<>();

    EventDelivery(Consumer<KernelEvent> listener) {
        this.listener = listener;
    }

    void deliver(Collection<KernelEvent> events) {
        Set<KernelEvent> all = takeUndelivered();
        all.addAll(events);
        all.forEach(this::deliver);
    }

    private synchronized Set<KernelEvent> takeUndelivered() {
        Set<KernelEvent> taken = new LinkedHashSet<>(undelivered);
        undelivered.clear();
        return taken;
    }

    private void deliver(KernelEvent event) {
        try {
            listener.accept(event);
        } catch (RuntimeException e) {
            log.atWarn()
                    .setCause(e)
                    .log("a kernel event was not handled, and is delivered again with the next one: {}", event);
            keep(event);
        }
    }

    private synchronized void keep(KernelEvent event) {
        undelivered.add(event);
    }
}
