package dev.iptunnel.agent.program;

import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How often of late a tunnel was put right. Where something keeps undoing it, the agent gives way: each repair waits longer
 * than the one before, and the other is taken to have stopped when the tunnel has stayed right for twice as long.
 *
 * @param repairs when, the latest last
 * @param hold how long the next repair waits; zero while nothing is contended
 * @param change what the last repair did
 */
public record Contention(List<Instant> repairs, Duration hold, String change) {
    static final Contention NONE = new Contention(List.of(), Duration.ZERO, "");

    /** So many repairs within the window are no coincidence. */
    public static final int MANY = 5;

    static final Duration WINDOW = Duration.ofSeconds(10);
    public static final Duration FIRST_HOLD = Duration.ofSeconds(2);
    static final Duration LONGEST_HOLD = Duration.ofSeconds(64);

    public Contention {
        repairs = List.copyOf(repairs);
    }

    /** After one more repair. */
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

    /** None, once it has been quiet for long enough. */
    Contention asOf(Instant now) {
        return isContended() && !now.isBefore(end()) ? NONE : this;
    }

    public boolean isContended() {
        return !hold.isZero();
    }

    /** How long the next repair has to wait still; zero or less where it need not. */
    public Duration heldFor(Instant now) {
        return isContended() ? Duration.between(now, repairs.getLast().plus(hold)) : Duration.ZERO;
    }

    /** How long it is until the other is taken to have stopped, where nothing more happens. */
    public Duration quietIn(Instant now) {
        return isContended() ? Duration.between(now, end()) : Duration.ZERO;
    }

    private Instant end() {
        return repairs.getLast().plus(hold.multipliedBy(2));
    }

    /**
     * The same at any time while it lasts.
     *
     * @param leftOut what is not done anyway
     */
    public Refusal refusal(Optional<Refusal> leftOut) {
        Refusal contended = new Refusal(
                Reason.CONTENDED,
                "something else on this node keeps undoing what is asked for; it is put right at growing intervals, of up"
                        + " to " + LONGEST_HOLD.toSeconds() + " s, until that stops: " + change);
        return leftOut.map(refusal -> contended.with("and left out: " + refusal.reason() + ", " + refusal.message()))
                .orElse(contended);
    }
}
