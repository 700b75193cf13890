package dev.iptunnel.diagnosis;

import java.util.Locale;

/** What a check came to. */
public enum Result {
    OK,
    WARN,
    FAIL,
    /** It could not be made, or a failure before it leaves nothing to check. */
    SKIPPED;

    /** As the command prints it. Only a failure is in capitals. */
    @Override
    public String toString() {
        return this == FAIL ? name() : name().toLowerCase(Locale.ROOT);
    }
}
