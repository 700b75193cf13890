package dev.iptunnel.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code e2e/test} without arguments leaves no test out. */
class TestKindsTest {
    private static final Path SCRIPT = Path.of("e2e", "test");

    /** The words of the first group, of the only line that matches. */
    private static List<String> words(Path file, String line) throws IOException {
        Matcher found = Pattern.compile("(?m)^ *" + line + "$").matcher(Files.readString(file));
        assertThat(found.find()).as(line).isTrue();
        return List.of(found.group(1).split("[ ,]", -1));
    }

    @Test
    void each_group_that_the_build_leaves_out_is_a_kind() throws IOException {
        assertThat(words(SCRIPT, "KINDS=\\((.*)\\)"))
                .contains("unit")
                .containsAll(words(Path.of("pom.xml"), "<excludedGroups>(.*)</excludedGroups>"));
    }

    @Test
    void each_kind_is_begun_once() throws IOException {
        assertThat(words(SCRIPT, "KINDS_BY_LENGTH=\\((.*)\\)"))
                .containsExactlyInAnyOrderElementsOf(words(SCRIPT, "KINDS=\\((.*)\\)"));
    }
}
