package dev.iptunnel.agent.cluster;

/** The agent cannot work with its settings. The message is one line that says what to change. */
public final class StartRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public StartRefusedException(String message) {
        super(message);
    }
}
