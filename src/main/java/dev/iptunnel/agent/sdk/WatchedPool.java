package dev.iptunnel.agent.sdk;

import dev.iptunnel.kernel.Heartbeat;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The threads that reconcile. The SDK catches exceptions, but no {@link Error}: after one, the SDK takes the object for one
 * that is still being reconciled, and never reconciles it again. The {@link Heartbeat} reports that, and also a
 * reconciliation that does not end.
 */
public final class WatchedPool extends ThreadPoolExecutor {
    private final Heartbeat heartbeat;

    public WatchedPool(String name, int threads) {
        super(
                threads,
                threads,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name(name + "-", 1).factory());
        heartbeat = new Heartbeat(name);
    }

    /** Whether objects wait for a thread. */
    public boolean isBehind() {
        return !getQueue().isEmpty();
    }

    public Heartbeat heartbeat() {
        return heartbeat;
    }

    @Override
    protected void beforeExecute(Thread thread, Runnable task) {
        heartbeat.begin();
    }

    @Override
    protected void afterExecute(Runnable task, @Nullable Throwable thrown) {
        heartbeat.end();
        if (thrown != null) {
            heartbeat.ended(thrown);
        }
    }
}
