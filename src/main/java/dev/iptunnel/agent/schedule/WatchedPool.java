package dev.iptunnel.agent.schedule;

import dev.iptunnel.kernel.Heartbeat;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The threads that reconcile. What the SDK does not catch there leaves an object that is never reconciled again, so it is
 * told to the {@link Heartbeat}.
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
