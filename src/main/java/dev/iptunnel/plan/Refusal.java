package dev.iptunnel.plan;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Something is not done, for a reason that a user can act on; the message says what it is about and what would help.
 *
 * @param rival the name of the IpTunnel that it is not done for, since that one has, or wants, the same
 * @param passes whether it passes by itself, though the reason is one where somebody has to act
 */
public record Refusal(Reason reason, String message, Optional<String> rival, boolean passes) implements Decision {
    private static final int FEW = 3;

    public Refusal(Reason reason, String message, Optional<String> rival) {
        this(reason, message, rival, false);
    }

    /** One that is no other IpTunnel's doing. */
    public Refusal(Reason reason, String message) {
        this(reason, message, Optional.empty());
    }

    /** One for all of them, of which there is at least one: with the reason of the first, and the first few messages. */
    public static Refusal ofAll(List<Refusal> refusals) {
        Refusal first = refusals.getFirst();
        int more = refusals.size() - FEW;
        String messages = refusals.stream().limit(FEW).map(Refusal::message).collect(Collectors.joining("; "));
        return new Refusal(first.reason, more > 0 ? messages + "; and " + more + " more" : messages, first.rival);
    }

    /** The same with a further remark at the end of its message. */
    public Refusal with(String remark) {
        return new Refusal(reason, message + "; " + remark, rival, passes);
    }

    /** The same where nobody has to act, and why not. */
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
