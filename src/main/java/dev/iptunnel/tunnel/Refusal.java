package dev.iptunnel.tunnel;

import java.util.Optional;

/**
 * Something is not done, for a reason that a user can act on; the message says what it is about and what would help.
 *
 * @param rival the name of the IpTunnel that it is not done for, since that one has, or wants, the same
 */
public record Refusal(Reason reason, String message, Optional<String> rival) implements Decision {
    /** One that is no other IpTunnel's doing. */
    public Refusal(Reason reason, String message) {
        this(reason, message, Optional.empty());
    }

    @Override
    public String toString() {
        return "refused: " + reason + " " + message;
    }
}
