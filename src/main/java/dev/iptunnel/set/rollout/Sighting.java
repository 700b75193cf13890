package dev.iptunnel.set.rollout;

import java.time.Duration;
import java.util.Optional;

/**
 * What this process saw of a node's tunnels, by its monotonic clock.
 *
 * <p>No time of another process is used, and no wall clock: a clock that is wrong or is set cannot make a node late. After
 * a restart each node is given its time again.
 *
 * @param touch which change of the node's tunnels this is about; another change starts anew
 * @param readySince when all its tunnels became ready, in nanoseconds; empty if they are not
 * @param unavailableSince since when the node has not been available, in nanoseconds; the last moment seen if it is
 */
public record Sighting(String touch, Optional<Long> readySince, long unavailableSince) {

    /** What is known after this look at the node. */
    static Sighting next(Optional<Sighting> before, String touch, boolean ready, long now, Duration minReady) {
        Optional<Sighting> same = before.filter(last -> last.touch.equals(touch));
        Optional<Long> readySince =
                ready ? Optional.of(same.flatMap(Sighting::readySince).orElse(now)) : Optional.empty();
        Sighting seen = new Sighting(
                touch, readySince, same.map(Sighting::unavailableSince).orElse(now));
        return seen.isAvailable(now, minReady) ? new Sighting(touch, readySince, now) : seen;
    }

    boolean isAvailable(long now, Duration minReady) {
        return readySince.filter(since -> now - since >= minReady.toNanos()).isPresent();
    }

    boolean isLate(long now, Duration deadline) {
        return now - unavailableSince > deadline.toNanos();
    }
}
