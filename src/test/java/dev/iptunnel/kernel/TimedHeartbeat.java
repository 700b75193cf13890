package dev.iptunnel.kernel;

import dev.iptunnel.schedule.MovableClock;
import java.time.Duration;
import java.time.Instant;

/** A heartbeat whose time passes when a test moves the clock. */
public final class TimedHeartbeat {
    private TimedHeartbeat() {}

    public static Heartbeat of(MovableClock clock) {
        return new Heartbeat(
                "test", () -> Duration.between(Instant.EPOCH, clock.instant()).toNanos());
    }
}
