package dev.iptunnel.controller.spec;

/**
 * What is wrong with a set.
 *
 * @param reason {@link #INVALID_TEMPLATE} or {@link #INVALID_SPEC}
 * @param field such as {@code spec.addressPool.cidrs[0]}
 * @param message says what to write instead
 */
public record SetFinding(String reason, String field, String message) {
    /** No node can program the IpTunnels that would be made. */
    public static final String INVALID_TEMPLATE = "InvalidTemplate";
    /** Another part of the spec is wrong. */
    public static final String INVALID_SPEC = "InvalidSpec";

    @Override
    public String toString() {
        return field + ": " + message;
    }
}
