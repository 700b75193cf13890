package dev.iptunnel.cli;

import java.util.Objects;

/** The version of this program. */
final class ProgramVersion {
    private ProgramVersion() {}

    /** Of the jar that this class is in. */
    static String text() {
        return Objects.requireNonNullElse(ProgramVersion.class.getPackage().getImplementationVersion(), "unknown");
    }
}
