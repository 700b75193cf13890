package dev.iptunnel.agent.program;

import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The recent repairs of a tunnel. If something else keeps undoing them, the agent backs off: each repair waits longer
 * than the one before. The contention ends when the tunnel has needed no repair for twice that time.
 *
 * @param repairs the times of the repairs, the latest last
 * @param hold how long the next repair waits; zero without contention
 * @param change what the last repair did
 */
public record Contention(List<Instant> repairs, Duration hold, String change) {
    static final Contention NONE = new Contention(List.of(), Duration.ZERO, "");

    /** This many repairs within the window are a contention. */
    public static final int MANY = 5;

    static final Duration WINDOW = Duration.ofSeconds(10);
    public static final Duration FIRST_HOLD = Duration.ofSeconds(2);
    static final Duration LONGEST_HOLD = Duration.ofSeconds(64);

    public Contention {
        repairs = List.copyOf(repairs);
    }

    /** The contention after one more repair. */
    Contention repaired(Instant now, String made) {
        List<Instant> recent = Stream.concat(
                        repairs.stream().filter(repair -> repair.plus(WINDOW).isAfter(now)), Stream.of(now))
                .toList();
        if (isContended()) {
            Duration doubled = hold.multipliedBy(2);
            return new Contention(recent, doubled.compareTo(LONGEST_HOLD) < 0 ? doubled : LONGEST_HOLD, made);
        }
        return new Contention(recent, recent.size() < MANY ? Duration.ZERO : FIRST_HOLD, made);
    }

    /** The contention at this time; none if no repair was needed for long enough. */
    Contention asOf(Instant now) {
        return isContended() && !now.isBefore(end()) ? NONE : this;
    }

    public boolean isContended() {
        return !hold.isZero();
    }

    /** How long the next repair still has to wait; zero or less if it need not. */
    public Duration heldFor(Instant now) {
        return isContended() ? Duration.between(now, repairs.getLast().plus(hold)) : Duration.ZERO;
    }

    /** How long it is until the contention ends, if no more repairs are needed. */
    public Duration quietIn(Instant now) {
        return isContended() ? Duration.between(now, end()) : Duration.ZERO;
    }

    private Instant end() {
        return repairs.getLast().plus(hold.multipliedBy(2));
    }

    /**
     * The refusal while the contention lasts; it does not change with time.
     *
     * @param leftOut what is refused anyway
     */
    public Refusal refusal(Optional<Refusal> leftOut) {
        Refusal contended = new Refusal(
                Reason.CONTENDED,
                "something else on this node keeps undoing what is asked for; the agent repairs it at growing intervals of"
                        + " up to " + LONGEST_HOLD.toSeconds() + " s until that stops: " + change);
        return leftOut.map(refusal -> contended.with("not done either: " + refusal.reason() + ", " + refusal.message()))
                .orElse(contended);
    }
}
