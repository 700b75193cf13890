package dev.iptunnel.schedule;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Looks for orphans soon. All requests until then cause one look, even if a list lacks many objects. */
public final class Sweeps {
    private static final Duration COLLECTED = Duration.ofMillis(500);

    private final ScheduledExecutorService thread;
    private final Runnable sweep;
    private final AtomicBoolean requested = new AtomicBoolean();

    public Sweeps(ScheduledExecutorService thread, Runnable sweep) {
        this.thread = thread;
        this.sweep = sweep;
    }

    public void request() {
        if (requested.compareAndSet(false, true)) {
            try {
                Future<?> unused = thread.schedule(this::run, COLLECTED.toMillis(), TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException closed) {
                requested.set(false);
            }
        }
    }

    private void run() {
        requested.set(false);
        sweep.run();
    }
}
