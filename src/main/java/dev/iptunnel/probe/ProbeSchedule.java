package dev.iptunnel.probe;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * When each tunnel is probed. A node starts at most 20 probes a second, never two at once. If its tunnels ask for more,
 * all intervals grow alike: 999 tunnels that ask for 10 seconds get 50. The moment within the interval follows from the
 * object's UID, so the nodes of a cluster do not ask the same peer at the same time. Not thread-safe.
 */
final class ProbeSchedule {
    private static final int PER_SECOND = 20;
    private static final Duration GAP = Duration.ofSeconds(1).dividedBy(PER_SECOND);
    private static final long BILLION = 1_000_000_000;

    private final Map<String, Turn> turns = new HashMap<>();
    private final TreeSet<Turn> waiting =
            new TreeSet<>(Comparator.comparing(Turn::due).thenComparing(Turn::tunnel));
    /** Probes that are asked for in a billion seconds. */
    private long demand;

    private Instant free = Instant.MIN;

    /** @param phase the place of its probes in the interval, from 0 to 1 */
    private record Turn(String tunnel, double phase, Duration interval, Instant due) {
        Turn at(Instant then) {
            return new Turn(tunnel, phase, interval, then);
        }

        long demand() {
            return BILLION / interval.toSeconds();
        }
    }

    /** Adds a tunnel, or changes the interval of one. Its next probe is due now. */
    void put(String tunnel, String uid, Duration interval, Instant now) {
        remove(tunnel);
        Turn turn = new Turn(tunnel, phase(uid), interval, now);
        demand += turn.demand();
        turns.put(tunnel, turn);
        waiting.add(turn);
    }

    private static double phase(String uid) {
        int mixed = uid.hashCode() * 0x9e3779b9;
        return Integer.toUnsignedLong(mixed ^ mixed >>> 16) / (double) (1L << Integer.SIZE);
    }

    void remove(String tunnel) {
        Turn turn = turns.remove(tunnel);
        if (turn != null) {
            demand -= turn.demand();
            waiting.remove(turn);
        }
    }

    /** A tunnel whose probe starts now; it has no further turn before {@link #again}. */
    Optional<String> next(Instant now) {
        if (waiting.isEmpty()
                || now.isBefore(free)
                || now.isBefore(waiting.first().due())) {
            return Optional.empty();
        }
        free = now.plus(GAP);
        return Optional.of(waiting.removeFirst().tunnel());
    }

    /** The tunnel's next probe follows in its interval, at its own moment, after one that began then. */
    void again(String tunnel, Instant began) {
        Turn turn = turns.get(tunnel);
        if (turn != null) {
            soon(tunnel, moment(turn, began));
        }
    }

    /** The tunnel's next probe is due then. */
    void soon(String tunnel, Instant then) {
        turns.computeIfPresent(tunnel, (_, turn) -> {
            waiting.remove(turn);
            waiting.add(turn.at(then));
            return turn.at(then);
        });
    }

    /** Half an interval later at least, so that a new interval does not cause two probes in a row. */
    private Instant moment(Turn turn, Instant began) {
        long interval = effective(turn.interval()).toNanos();
        long offset = (long) (turn.phase() * interval);
        long earliest = Duration.between(Instant.EPOCH, began).toNanos() + interval / 2;
        return Instant.EPOCH.plusNanos(Math.ceilDiv(earliest - offset, interval) * interval + offset);
    }

    /** The interval that a tunnel really has which asks for this one. */
    Duration effective(Duration interval) {
        long most = PER_SECOND * BILLION;
        return demand <= most ? interval : Duration.ofNanos((long) (interval.toNanos() * ((double) demand / most)));
    }

    /** When {@link #next} may have a tunnel; empty while no tunnel waits. */
    Optional<Instant> wake() {
        return waiting.isEmpty()
                ? Optional.empty()
                : Optional.of(waiting.first().due()).map(due -> due.isBefore(free) ? free : due);
    }
}
