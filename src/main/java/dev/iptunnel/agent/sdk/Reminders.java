package dev.iptunnel.agent.sdk;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Reconciles tunnels after a delay; each tunnel has at most one reminder. The SDK's own timer ({@code java.util.Timer})
 * follows the wall clock: if that is set back by an hour, what is due in a second happens an hour later.
 */
public final class Reminders {
    private final ScheduledExecutorService later;
    private final Consumer<String> reconcile;
    private final Map<String, Future<?>> pending = new ConcurrentHashMap<>();

    /** @param reconcile receives the name of each tunnel that is due */
    public Reminders(ScheduledExecutorService later, Consumer<String> reconcile) {
        this.later = later;
        this.reconcile = reconcile;
    }

    /** Replaces an earlier reminder of this tunnel. */
    public void remind(String name, Duration delay) {
        forget(name);
        try {
            pending.put(name, later.schedule(() -> due(name), Math.max(1, delay.toMillis()), TimeUnit.MILLISECONDS));
        } catch (RejectedExecutionException closed) {
            pending.remove(name);
        }
    }

    private void due(String name) {
        pending.remove(name);
        reconcile.accept(name);
    }

    public void forget(String name) {
        Future<?> before = pending.remove(name);
        if (before != null) {
            before.cancel(false);
        }
    }
}
