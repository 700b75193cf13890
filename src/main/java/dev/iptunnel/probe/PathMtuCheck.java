package dev.iptunnel.probe;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Verifies every ten minutes that packets as long as the tunnel's MTU pass, and searches for what passes if they do not.
 * Then it looks every minute whether they pass again.
 *
 * @param mtu the tunnel's, in bytes
 * @param base from here on nothing shorter is tried, in bytes
 * @param search the one in progress
 * @param result of the last search: the longest packet that passes, 0 if not even the base does
 * @param due when the next search begins
 * @param thorough when the next search is not content with what passed at the last one
 */
record PathMtuCheck(
        int mtu, int base, Optional<PathMtuSearch> search, OptionalInt result, Instant due, Instant thorough) {
    private static final Duration PERIOD = Duration.ofMinutes(10);
    private static final Duration WHILE_TOO_SMALL = Duration.ofMinutes(1);

    /** Of a tunnel of which nothing is known; due at once. */
    static PathMtuCheck of(ProbeSubject subject) {
        return new PathMtuCheck(
                subject.mtu(), subject.baseMtu(), Optional.empty(), OptionalInt.empty(), Instant.MIN, Instant.MIN);
    }

    boolean isSearching() {
        return search.isPresent();
    }

    boolean isTooSmall() {
        return result.isPresent() && result.getAsInt() < mtu;
    }

    /** The same, due at once, and without the search in progress. */
    PathMtuCheck atOnce() {
        return new PathMtuCheck(mtu, base, Optional.empty(), result, Instant.MIN, Instant.MIN);
    }

    /** Begins a search if one is due. */
    PathMtuCheck at(Instant now) {
        if (isSearching() || now.isBefore(due)) {
            return this;
        }
        boolean quick = isTooSmall() && now.isBefore(thorough);
        PathMtuSearch begun = PathMtuSearch.of(mtu, base, quick ? result.getAsInt() : 0);
        return new PathMtuCheck(mtu, base, Optional.of(begun), result, due, quick ? thorough : now.plus(PERIOD));
    }

    /** After a step of the search. */
    PathMtuCheck after(PathMtuSearch step, Instant now) {
        if (!step.isOver()) {
            return new PathMtuCheck(mtu, base, Optional.of(step), result, due, thorough);
        }
        Duration pause = step.result() < mtu ? WHILE_TOO_SMALL : PERIOD;
        return new PathMtuCheck(mtu, base, Optional.empty(), OptionalInt.of(step.result()), now.plus(pause), thorough);
    }
}
