package dev.iptunnel.agent.cluster;

/** The agent cannot start yet, and retries. The message is one line that says what it waits for. */
public final class NotYetException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public NotYetException(String message) {
        super(message);
    }
}
