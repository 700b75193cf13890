package dev.iptunnel.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.iptunnel.agent.Tunnels;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The command accepts the manifests that the API server accepts, and says the same of those that it refuses. */
class ManifestAdmissionTest {
    private static final Path FIXTURES = Path.of("src/test/resources/dev/iptunnel/api");
    private static final String EXPECTED = "# refused: ";

    /** Two rules refuse it, and the command names the other one. */
    private static final Set<String> OTHER_RULE_FIRST =
            Set.of("local-from-parent-without-parent-remote-link-local.yaml");

    @TestFactory
    Stream<DynamicTest> accepts_what_the_api_server_accepts() throws IOException {
        return manifests("accepted")
                .map(file -> dynamicTest(name(file), () -> {
                    NodeManifests read = read(file);
                    assertThat(read.problems()).isEmpty();
                    assertThat(read.wanted()).hasSize(1);
                }));
    }

    @TestFactory
    Stream<DynamicTest> refuses_what_the_api_server_refuses() throws IOException {
        return manifests("refused")
                .filter(file -> !OTHER_RULE_FIRST.contains(name(file)))
                .map(file -> dynamicTest(name(file), () -> {
                    NodeManifests read = read(file);
                    assertThat(read.wanted()).isEmpty();
                    assertThat(read.problems()).isNotEmpty();
                    String said = sentence(read.problems().getFirst().message());
                    assertThat(words(said)).startsWith(words(sentence(expected(file))));
                    assertThat(said).startsWith(field(expected(file)));
                }));
    }

    private static NodeManifests read(Path file) throws IOException {
        Manifests manifests = ManifestReader.read(List.of(file.toString()), InputStream.nullInputStream());
        String node = manifests.tunnels().stream()
                .map(manifest -> manifest.tunnel().getSpec().nodeName())
                .findFirst()
                .orElse("node1");
        return NodeManifests.of(manifests, node, Tunnels.READER);
    }

    private static String expected(Path file) throws IOException {
        return Files.readAllLines(file).getFirst().substring(EXPECTED.length());
    }

    /** Without the API server's words for the kind of error, and without the value, which some messages repeat. */
    private static String sentence(String message) {
        return message.replaceFirst("<nil>: ", "metadata.name: ")
                .replaceFirst(": (Invalid value|Required value|Forbidden): ", ": ")
                .replaceFirst("^(\\S+: )(?:\"[^\"]*\"|-?\\d+)(?:: | is )", "$1")
                .replaceFirst("^(\\S+: )(?:an? |the )", "$1");
    }

    private static String words(String sentence) {
        return sentence.substring(sentence.indexOf(": "));
    }

    /** The field, or a list of which an entry is meant. */
    private static String field(String message) {
        String field = message.substring(0, message.indexOf(':'));
        return field.equals("<nil>") ? "metadata.name" : field;
    }

    private static String name(Path file) {
        return file.getFileName().toString();
    }

    private static Stream<Path> manifests(String folder) throws IOException {
        try (Stream<Path> files = Files.list(FIXTURES.resolve(folder))) {
            return files.sorted().toList().stream();
        }
    }
}
