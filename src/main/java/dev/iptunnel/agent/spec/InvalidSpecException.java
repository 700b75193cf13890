package dev.iptunnel.agent.spec;

/** A spec that no tunnel can be made from; the message names the field and says what to write instead. */
public final class InvalidSpecException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String detail;

    InvalidSpecException(String detail) {
        super(detail);
        this.detail = detail;
    }

    public String detail() {
        return detail;
    }
}
