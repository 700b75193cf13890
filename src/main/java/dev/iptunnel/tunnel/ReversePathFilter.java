package dev.iptunnel.tunnel;

import java.util.Arrays;
import java.util.Optional;

/** {@code net.ipv4.conf.INTERFACE.rp_filter} (RFC 3704); the kernel applies the larger of this and that of {@code all}. */
public enum ReversePathFilter {
    OFF("Off"),
    STRICT("Strict"),
    LOOSE("Loose");

    private final String text;

    ReversePathFilter(String text) {
        this.text = text;
    }

    public static Optional<ReversePathFilter> ofText(String text) {
        return Arrays.stream(values())
                .filter(filter -> filter.text.equals(text))
                .findFirst();
    }

    /** The kernel's number. */
    public int number() {
        return ordinal();
    }

    @Override
    public String toString() {
        return text;
    }
}
