package dev.iptunnel.agent.schedule;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Has tunnels reconciled after a while, one reminder for each at most. The SDK's own timer (java.util.Timer) goes by the wall
 * clock: where that is set back by an hour, what is due in a second comes an hour later.
 */
public final class Reminders {
    private final ScheduledExecutorService later;
    private final Consumer<String> reconcile;
    private final Map<String, Future<?>> pending = new ConcurrentHashMap<>();

    /** @param reconcile is given the name of the tunnel whose time has come */
    public Reminders(ScheduledExecutorService later, Consumer<String> reconcile) {
        this.later = later;
        this.reconcile = reconcile;
    }

    /** Instead of an earlier reminder of this tunnel. */
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
