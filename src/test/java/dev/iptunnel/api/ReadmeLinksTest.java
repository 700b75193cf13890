package dev.iptunnel.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Links of the documentation to files and headings of this repository are valid. */
class ReadmeLinksTest {
    private static final Pattern CODE_BLOCK = Pattern.compile("(?ms)^```.*?^```$");
    private static final Pattern LINK = Pattern.compile("\\[[^\\]]*\\]\\(([^)]*)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");
    private static final Pattern OTHER_SITE = Pattern.compile("[a-z]+:.*");

    static List<Path> documents() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(""), 3)) {
            return files.filter(file -> file.toString().endsWith(".md") && !file.startsWith("target"))
                    .toList();
        }
    }

    @Test
    void the_documents_include_every_README() throws IOException {
        assertThat(documents()).containsAll(Readmes.ALL);
    }

    @ParameterizedTest
    @MethodSource("documents")
    void every_link_to_this_repository_leads_to_a_file_and_a_heading_that_exist(Path document) throws IOException {
        // given
        List<String> links = LINK.matcher(prose(document))
                .results()
                .map(link -> link.group(1))
                .filter(link -> !OTHER_SITE.matcher(link).matches())
                .toList();

        // when
        List<String> broken =
                links.stream().filter(link -> !leadsSomewhere(document, link)).toList();

        // then
        assertThat(broken).isEmpty();
    }

    private static boolean leadsSomewhere(Path document, String link) {
        String[] parts = link.split("#", 2);
        Path target = parts[0].isEmpty()
                ? document
                : document.resolveSibling(parts[0]).normalize();
        return Files.exists(target) && (parts.length == 1 || anchors(target).contains(parts[1]));
    }

    /** The anchors of the headings of a file, as on GitHub. */
    private static List<String> anchors(Path document) {
        return HEADING.matcher(prose(document))
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .toList();
    }

    /** The text without blocks of code, in which a hash begins a comment. */
    private static String prose(Path document) {
        try {
            return CODE_BLOCK.matcher(Files.readString(document)).replaceAll("");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
