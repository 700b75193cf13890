package dev.iptunnel.plan;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Something is not done. The reason is one that a user can act on; the message names the interface, address or field, and
 * says what helps.
 *
 * @param rival the name of the other IpTunnel that has, or wants, the same
 * @param passes whether it resolves itself, although with this reason somebody usually has to act
 */
public record Refusal(Reason reason, String message, Optional<String> rival, boolean passes) implements Decision {
    private static final int FEW = 3;

    public Refusal(Reason reason, String message, Optional<String> rival) {
        this(reason, message, rival, false);
    }

    /** A refusal without a rival. */
    public Refusal(Reason reason, String message) {
        this(reason, message, Optional.empty());
    }

    /** One refusal for all of a list that is not empty: the reason of the first one, and the first few messages. */
    public static Refusal ofAll(List<Refusal> refusals) {
        Refusal first = refusals.getFirst();
        int more = refusals.size() - FEW;
        String messages = refusals.stream().limit(FEW).map(Refusal::message).collect(Collectors.joining("; "));
        return new Refusal(
                first.reason,
                more > 0 ? messages + "; and " + more + " more" : messages,
                first.rival,
                refusals.stream().allMatch(Refusal::passes));
    }

    /** The same refusal with a remark at the end of its message. */
    public Refusal with(String remark) {
        return new Refusal(reason, message + "; " + remark, rival, passes);
    }

    /** The same refusal, which resolves itself for the given reason. */
    public Refusal passing(String why) {
        return new Refusal(reason, message + "; " + why, rival, true);
    }

    /** Whether no retry can help until somebody acts. */
    public boolean stalls() {
        return reason.stalls() && !passes;
    }

    @Override
    public String toString() {
        return "refused: " + reason + " " + message;
    }
}
