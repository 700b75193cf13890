package dev.iptunnel.schedule;

import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The two clocks of the agent.
 *
 * @param wall gives points in time for people; it can be set, forwards and backwards
 * @param steady measures durations: it begins at an arbitrary instant, cannot be set, and does not run while the
 *     machine is suspended (CLOCK_MONOTONIC in clock_gettime(2)), so no duration ends during a suspend
 */
public record Clocks(Clock wall, InstantSource steady) {
    /** The clocks of the machine. */
    public static Clocks system() {
        long origin = System.nanoTime();
        return new Clocks(Clock.systemUTC(), () -> Instant.EPOCH.plusNanos(System.nanoTime() - origin));
    }
}
