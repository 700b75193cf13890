package dev.iptunnel.probe;

import dev.iptunnel.tunnel.ProbeSettings;

/**
 * Whether the peer answers, judged by thresholds: after {@code failureThreshold} probes in a row without an answer it does
 * not, after {@code successThreshold} answers in a row it does again. The first answer of all is enough.
 *
 * @param contrary how many probes in a row said the contrary
 */
record Liveness(State state, int contrary) {
    enum State {
        UNKNOWN,
        ANSWERING,
        SILENT
    }

    static final Liveness UNKNOWN = new Liveness(State.UNKNOWN, 0);
    static final Liveness ANSWERING = new Liveness(State.ANSWERING, 0);
    static final Liveness SILENT = new Liveness(State.SILENT, 0);

    Liveness answered(ProbeSettings settings) {
        return switch (state) {
            case UNKNOWN, ANSWERING -> ANSWERING;
            case SILENT -> contrary + 1 < settings.successThreshold() ? new Liveness(state, contrary + 1) : ANSWERING;
        };
    }

    Liveness unanswered(ProbeSettings settings) {
        return switch (state) {
            case UNKNOWN, ANSWERING ->
                contrary + 1 < settings.failureThreshold() ? new Liveness(state, contrary + 1) : SILENT;
            case SILENT -> SILENT;
        };
    }
}
