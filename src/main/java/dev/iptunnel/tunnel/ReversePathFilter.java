package dev.iptunnel.tunnel;

import java.util.Arrays;
import java.util.Optional;

/** {@code net.ipv4.conf.INTERFACE.rp_filter} (RFC 3704); the kernel applies the larger of this and that of {@code all}. */
public enum ReversePathFilter {
    DISABLED("Disabled", 0),
    STRICT("Strict", 1),
    LOOSE("Loose", 2);

    private final String text;
    private final int number;

    ReversePathFilter(String text, int number) {
        this.text = text;
        this.number = number;
    }

    public static Optional<ReversePathFilter> ofText(String text) {
        return Arrays.stream(values())
                .filter(filter -> filter.text.equals(text))
                .findFirst();
    }

    public static Optional<ReversePathFilter> ofNumber(int number) {
        return Arrays.stream(values()).filter(filter -> filter.number == number).findFirst();
    }

    /** Whether this one, as that of {@code all}, counts in place of the interface's. */
    public boolean overrides(ReversePathFilter ofInterface) {
        return number > ofInterface.number;
    }

    /** Whether this one drops packets that the other lets in: the numbers are not in that order. */
    public boolean isStricterThan(ReversePathFilter other) {
        return this != other && (this == STRICT || other == DISABLED);
    }

    /** The kernel's number. */
    public int number() {
        return number;
    }

    @Override
    public String toString() {
        return text;
    }
}
