package dev.iptunnel.agent.reconcile;

import dev.iptunnel.agent.program.Contention;
import dev.iptunnel.agent.program.Drift;
import dev.iptunnel.agent.program.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What follows from programming a tunnel once, given what is remembered of it.
 *
 * @param repaired whether a change by somebody else was repaired
 * @param drift the new memory
 * @param outcome what the status reports; for a contended tunnel, the contention
 * @param again the delay after which the tunnel has to be looked at again, if at all
 */
record Verdict(boolean repaired, Drift drift, Outcome outcome, Optional<Duration> again) {
    /**
     * Judges an outcome.
     *
     * @param before the memory of the tunnel until then
     * @param retry the delay before a tunnel that was not programmed is tried again
     */
    static Verdict of(Drift before, long generation, Outcome done, Instant now, Duration retry) {
        Drift drift = before.after(generation, done, now);
        Contention contention = drift.contention();
        Outcome outcome =
                contention.isContended() && done.settled() ? done.but(contention.refusal(done.notProgrammed())) : done;
        Optional<Duration> quiet = contention.isContended() ? Optional.of(contention.quietIn(now)) : Optional.empty();
        Optional<Duration> retried = done.programmed() ? Optional.empty() : Optional.of(retry);
        return new Verdict(
                before.isRepair(generation, done),
                drift,
                outcome,
                Stream.of(retried, quiet).flatMap(Optional::stream).min(Comparator.naturalOrder()));
    }

    /**
     * Whether the object asks for something else now: then only the executed plans are reported, and nothing is
     * remembered.
     */
    boolean isSuperseded() {
        return outcome.extent() == Outcome.Extent.SUPERSEDED;
    }
}
