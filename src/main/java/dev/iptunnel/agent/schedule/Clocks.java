package dev.iptunnel.agent.schedule;

import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The two clocks of the agent.
 *
 * @param wall gives points in time for people to read; somebody may set it, in either direction
 * @param steady measures how long something lasts: it begins at an arbitrary instant, nobody sets it, and it stands still
 *     while the machine is suspended (CLOCK_MONOTONIC, see clock_gettime(2)), so that nothing ends during a suspend
 */
public record Clocks(Clock wall, InstantSource steady) {
    /** Those of the machine. */
    public static Clocks system() {
        long origin = System.nanoTime();
        return new Clocks(Clock.systemUTC(), () -> Instant.EPOCH.plusNanos(System.nanoTime() - origin));
    }
}
