package dev.iptunnel.deploy;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DependenciesTest {
    private static final Path REASONS = Path.of("src/test/resources/dev/iptunnel/deploy/dependencies.txt");
    private static final Path BUILT = Path.of("target", "runtime-dependencies");
    private static final Pattern DEPENDENCY = Pattern.compile("(?m)^ +([^: ]+:[^: ]+):jar:");

    @Test
    void each_has_its_reason_in_the_list_and_the_list_has_no_other() throws IOException {
        assertThat(reasons().keySet()).isEqualTo(built());
    }

    @Test
    void no_reason_is_empty() throws IOException {
        assertThat(reasons().values()).noneMatch(String::isBlank);
    }

    private static Set<String> built() throws IOException {
        return DEPENDENCY
                .matcher(Files.readString(BUILT))
                .results()
                .map(result -> result.group(1))
                .collect(Collectors.toSet());
    }

    private static Map<String, String> reasons() throws IOException {
        return Files.readAllLines(REASONS).stream()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split(" +", 2))
                .collect(toMap(words -> words[0], words -> words.length > 1 ? words[1] : ""));
    }
}
