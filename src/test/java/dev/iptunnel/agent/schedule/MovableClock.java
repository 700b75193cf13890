package dev.iptunnel.agent.schedule;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** Stands still until one thread moves it. */
public final class MovableClock extends Clock {
    private volatile Instant now = Instant.parse("2026-01-02T03:04:05.678Z");

    public void move(Duration duration) {
        now = now.plus(duration);
    }

    /** Both clocks of an agent, as long as nobody sets the wall clock. */
    public Clocks clocks() {
        return new Clocks(this, this);
    }

    @Override
    public Instant instant() {
        return now;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
