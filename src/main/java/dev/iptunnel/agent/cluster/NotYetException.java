package dev.iptunnel.agent.cluster;

/** The agent cannot start yet, and tries again; the message is one line that says what it waits for. */
public final class NotYetException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public NotYetException(String message) {
        super(message);
    }
}
