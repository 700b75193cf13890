package dev.iptunnel.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A kernel's release, as in {@code uname -r}. */
public record KernelRelease(String text) {
    private static final Path RUNNING = Path.of("/proc/sys/kernel/osrelease");
    private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");
    private static final int OLDEST_MAJOR = 5;
    private static final int OLDEST_MINOR = 18;

    public static KernelRelease running() {
        try {
            return new KernelRelease(Files.readString(RUNNING).strip());
        } catch (IOException e) {
            return new KernelRelease("unknown");
        }
    }

    /** What may not work on this kernel, since it is old. Distributions backport features, so it may work all the same. */
    public Optional<String> lack() {
        return VERSION.matcher(text).matches() && !isAtLeast(OLDEST_MAJOR, OLDEST_MINOR)
                ? Optional.of("Linux " + text + " is older than " + OLDEST_MAJOR + "." + OLDEST_MINOR
                        + " and does not keep which program added an address (IFA_PROTO): inner addresses that are"
                        + " removed from the spec stay on their interface, as if another program had added them")
                : Optional.empty();
    }

    /** False where the text is no version. */
    public boolean isAtLeast(int major, int minor) {
        Matcher version = VERSION.matcher(text);
        if (!version.matches()) {
            return false;
        }
        int runningMajor = Integer.parseInt(version.group(1));
        return runningMajor > major || (runningMajor == major && Integer.parseInt(version.group(2)) >= minor);
    }
}
