package dev.iptunnel.schedule;

import dev.iptunnel.kernel.Heartbeat;
import java.util.concurrent.Future;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One or a few threads for delayed and periodic tasks. An exception of a task is logged; the JDK's scheduler would only
 * keep it in a future that nothing reads. The {@link Heartbeat} reports an error, and a periodic task that ends.
 */
public final class WatchedScheduler extends ScheduledThreadPoolExecutor {
    private static final Logger log = LoggerFactory.getLogger(WatchedScheduler.class);

    private final String name;
    private final Heartbeat heartbeat;

    public WatchedScheduler(String name) {
        this(name, 1);
    }

    public WatchedScheduler(String name, int threads) {
        super(threads, Thread.ofPlatform().daemon().name(name).factory());
        this.name = name;
        this.heartbeat = new Heartbeat(name);
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
        Throwable failure = thrown == null ? failureOf(task) : thrown;
        if (failure != null) {
            log.atError().setCause(failure).log("a task of thread {} failed", name);
            boolean periodic = task instanceof RunnableScheduledFuture<?> scheduled && scheduled.isPeriodic();
            if (periodic || failure instanceof Error) {
                heartbeat.ended(failure);
            }
        }
    }

    private static @Nullable Throwable failureOf(Runnable task) {
        return task instanceof Future<?> done && done.state() == Future.State.FAILED ? done.exceptionNow() : null;
    }
}
