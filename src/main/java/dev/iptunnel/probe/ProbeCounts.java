package dev.iptunnel.probe;

import java.time.Duration;
import java.util.Optional;

/**
 * What became of the short packets of a tunnel's probes. Long ones are lost on purpose.
 *
 * @param roundTrip how long an answer takes, smoothed as in RFC 6298; empty before the first one
 */
public record ProbeCounts(long sent, long lost, Optional<Duration> roundTrip) {
    private static final int WEIGHT = 8;

    static final ProbeCounts NONE = new ProbeCounts(0, 0, Optional.empty());

    ProbeCounts oneSent() {
        return new ProbeCounts(sent + 1, lost, roundTrip);
    }

    ProbeCounts lost(int packets) {
        return new ProbeCounts(sent, lost + packets, roundTrip);
    }

    ProbeCounts answered(Duration took) {
        Duration smoothed = roundTrip
                .map(before -> before.plus(took.minus(before).dividedBy(WEIGHT)))
                .orElse(took);
        return new ProbeCounts(sent, lost, Optional.of(smoothed));
    }
}
