package dev.iptunnel.agent;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Remembers the last delay, and runs every task after an hour, so in no test. */
public final class RecordingTimer extends ScheduledThreadPoolExecutor {
    private volatile Optional<Duration> last = Optional.empty();

    public RecordingTimer() {
        super(1);
    }

    /** The last delay; empty after it was read. */
    public Optional<Duration> last() {
        Optional<Duration> delay = last;
        last = Optional.empty();
        return delay;
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        last = Optional.of(Duration.of(delay, unit.toChronoUnit()));
        return super.schedule(task, 1, TimeUnit.HOURS);
    }
}
