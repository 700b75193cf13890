package dev.iptunnel.tunnel;

import java.util.Arrays;
import java.util.Optional;

/**
 * {@code net.ipv4.conf.INTERFACE.rp_filter} (RFC 3704); the kernel applies the larger value of the interface and
 * {@code all}.
 */
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

    /** Whether this value, if it is that of {@code all}, applies instead of the interface's value. */
    public boolean overrides(ReversePathFilter ofInterface) {
        return number > ofInterface.number;
    }

    /**
     * Whether this value drops packets that the other accepts. The order of the numbers is different: {@code LOOSE} is 2.
     */
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
