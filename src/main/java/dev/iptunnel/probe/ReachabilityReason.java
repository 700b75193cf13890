package dev.iptunnel.probe;

import java.util.Arrays;
import java.util.Optional;

/** Why the condition {@code Reachable} is as it is. */
public enum ReachabilityReason {
    PEER_ANSWERS("PeerAnswers", Answer.YES),
    NO_REPLY("NoReply", Answer.NO),
    ADDRESS_UNREACHABLE("AddressUnreachable", Answer.NO),
    PATH_MTU_TOO_SMALL("PathMtuTooSmall", Answer.NO),
    STARTING("Starting", Answer.UNKNOWN),
    PROBE_NOT_PERMITTED("ProbeNotPermitted", Answer.UNKNOWN),
    NOT_PROGRAMMED("NotProgrammed", Answer.UNKNOWN),
    NO_TARGET("NoTarget", Answer.UNKNOWN);

    /** Whether packets pass. */
    public enum Answer {
        YES,
        NO,
        UNKNOWN
    }

    private final String text;
    private final Answer answer;

    ReachabilityReason(String text, Answer answer) {
        this.text = text;
        this.answer = answer;
    }

    public Answer answer() {
        return answer;
    }

    public static Optional<ReachabilityReason> ofText(String text) {
        return Arrays.stream(values())
                .filter(reason -> reason.text.equals(text))
                .findFirst();
    }

    @Override
    public String toString() {
        return text;
    }
}
