package dev.iptunnel.liveness;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** For how long each of several things has been as it is. */
final class Spells<T> {
    private Map<String, Spell<T>> spells = Map.of();

    /**
     * The time for which something is as it is.
     *
     * @param changed whether the change was seen, in contrast to the first look
     */
    record Spell<T>(T value, Instant since, boolean changed) {
        boolean lasts(Duration atLeast, Instant now) {
            return !since.plus(atLeast).isAfter(now);
        }
    }

    /** Forgets everything: the next look is the first. */
    void clear() {
        spells = Map.of();
    }

    /** Takes these values as those of now, and forgets all others. */
    void look(Map<String, T> values, Instant now) {
        Map<String, Spell<T>> next = new HashMap<>();
        values.forEach((name, value) -> next.put(name, next(name, value, now)));
        spells = next;
    }

    private Spell<T> next(String name, T value, Instant now) {
        Spell<T> before = spells.get(name);
        if (before == null) {
            return new Spell<>(value, now, false);
        }
        return before.value().equals(value) ? before : new Spell<>(value, now, true);
    }

    Optional<Spell<T>> of(String name) {
        return Optional.ofNullable(spells.get(name));
    }
}
