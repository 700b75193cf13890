package dev.iptunnel.probe;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A probe that is under way: packets of one length, each sent when those before were not answered soon.
 *
 * @param sent when each packet was sent
 * @param deadline when one more packet is due, or the probe is over
 * @param obstacle what was seen so far
 */
record ProbeRound(int length, List<Instant> sent, Instant deadline, Optional<ProbeObstacle> obstacle) {
    ProbeRound {
        sent = List.copyOf(sent);
    }

    static ProbeRound of(int length) {
        return new ProbeRound(length, List.of(), Instant.MIN, Optional.empty());
    }

    /** After one more packet. */
    ProbeRound sent(Instant now, Instant then, Optional<ProbeObstacle> seen) {
        List<Instant> all = new ArrayList<>(sent);
        all.add(now);
        return new ProbeRound(length, all, then, seen.or(() -> obstacle));
    }

    ProbeRound saw(ProbeObstacle seen) {
        return new ProbeRound(length, sent, deadline, Optional.of(seen));
    }

    /** How long the answer to a packet took; empty if there was no such packet. */
    Optional<Duration> roundTrip(int sequence, Instant now) {
        return sequence >= 0 && sequence < sent.size()
                ? Optional.of(Duration.between(sent.get(sequence), now))
                : Optional.empty();
    }
}
