package dev.iptunnel.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The files that describe what the operator does, and how to install and test it. */
public final class Readmes {
    public static final Path FIRST = Path.of("README.md");
    public static final Path CRDS = Path.of("crds", "README.md");
    public static final Path DEPLOY = Path.of("deploy", "README.md");
    public static final Path E2E = Path.of("e2e", "README.md");
    public static final List<Path> ALL = List.of(FIRST, CRDS, DEPLOY, E2E);

    private Readmes() {}

    /** The text from this second-level heading to the next one, or to the end. */
    public static String section(Path readme, String title) throws IOException {
        String text = Files.readString(readme);
        int begin = text.indexOf("\n## " + title + "\n");
        assertThat(begin).as("section \"%s\" of %s", title, readme).isNotNegative();
        int end = text.indexOf("\n## ", begin + 1);
        return text.substring(begin, end < 0 ? text.length() : end);
    }
}
