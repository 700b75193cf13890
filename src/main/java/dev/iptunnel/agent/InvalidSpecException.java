package dev.iptunnel.agent;

/** A spec that no tunnel can be made from; the message names the field and says what to write instead. */
final class InvalidSpecException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String detail;

    InvalidSpecException(String detail) {
        super(detail);
        this.detail = detail;
    }

    String detail() {
        return detail;
    }
}
