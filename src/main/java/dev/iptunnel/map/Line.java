package dev.iptunnel.map;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A tunnel and, where there is one, the tunnel at its other end.
 *
 * @param far where the tunnel leads to
 * @param back the tunnel there that leads back
 */
record Line(LineEnd near, LineEnd far, MappedTunnel there, Optional<MappedTunnel> back) {
    /** Its ends, the one of the first place first. */
    List<MappedTunnel> ends() {
        return Stream.concat(Stream.of(there), back.stream()).toList();
    }

    /** A node at the far end has no tunnel that leads back. */
    boolean halfMissing() {
        return far.node() && back.isEmpty();
    }

    EndState worst() {
        return ends().stream().map(MappedTunnel::state).max(EndState::compareTo).orElseThrow();
    }

    /** What is known of it, in one sentence. */
    String sentence() {
        String ends = String.join(
                "; ",
                ends().stream()
                        .map(end -> end.name() + " on " + end.node() + ": " + end.verdict())
                        .toList());
        return there.mode() + ", " + ends + (halfMissing() ? "; no tunnel leads back from " + far.name() : "");
    }
}
