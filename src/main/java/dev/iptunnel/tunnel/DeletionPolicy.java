package dev.iptunnel.tunnel;

import java.util.Arrays;

/** What happens to the tunnel in the kernel when its IpTunnel is deleted. */
public enum DeletionPolicy {
    DELETE("Delete"),
    RETAIN("Retain");

    private final String text;

    DeletionPolicy(String text) {
        this.text = text;
    }

    /** The policy of that name; {@link IllegalArgumentException} for any other text. */
    public static DeletionPolicy ofText(String text) {
        return Arrays.stream(values())
                .filter(policy -> policy.text.equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("\"" + text + "\" is neither Delete nor Retain"));
    }

    @Override
    public String toString() {
        return text;
    }
}
