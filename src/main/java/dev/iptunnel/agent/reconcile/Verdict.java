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
 * What follows from one programming of a tunnel, together with what is remembered of it.
 *
 * @param repaired whether what was done put right what somebody else had changed
 * @param drift what is to be remembered
 * @param outcome what the status is to say: of a tunnel that is fought over, that
 * @param again in how long the tunnel is to be looked at again, where that is necessary
 */
record Verdict(boolean repaired, Drift drift, Outcome outcome, Optional<Duration> again) {
    /**
     * Of what was done.
     *
     * @param before what was remembered of the tunnel until then
     * @param retry in how long what was not programmed is tried again
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

    /** The object asks for something else now: nothing is to be told or remembered but what was done. */
    boolean isSuperseded() {
        return outcome.extent() == Outcome.Extent.SUPERSEDED;
    }
}
