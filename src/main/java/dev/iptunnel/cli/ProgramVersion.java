package dev.iptunnel.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** The version of this program. */
final class ProgramVersion implements IVersionProvider {
    /** Of the jar that this class is in. */
    static String text() {
        return Objects.requireNonNullElse(ProgramVersion.class.getPackage().getImplementationVersion(), "unknown");
    }

    @Override
    public String[] getVersion() {
        return new String[] {"iptunnel " + text() + ", Java " + Runtime.version()};
    }
}
