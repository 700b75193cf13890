package dev.iptunnel.agent.spec;

/** The spec is invalid. The message names the field and says what to write instead. */
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
