package dev.iptunnel.tunnel;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Something is not done, for a reason that a user can act on; the message says what it is about and what would help.
 *
 * @param rival the name of the IpTunnel that it is not done for, since that one has, or wants, the same
 */
public record Refusal(Reason reason, String message, Optional<String> rival) implements Decision {
    private static final int FEW = 3;

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

    @Override
    public String toString() {
        return "refused: " + reason + " " + message;
    }
}
