package dev.iptunnel.tunnel;

/** Something is not done, for a reason that a user can act on; the message says what it is about and what would help. */
public record Refusal(Reason reason, String message) implements Decision {
    @Override
    public String toString() {
        return "refused: " + reason + " " + message;
    }
}
