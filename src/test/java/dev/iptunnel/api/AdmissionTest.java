package dev.iptunnel.api;

import static dev.iptunnel.api.Refusal.asToldBy;
import static dev.iptunnel.api.Refusal.refusals;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.function.ThrowingConsumer;

/** The manifests that the API server accepts and refuses; {@code # refused:} begins the expected message. */
@Tag("api")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AdmissionTest {
    private static final Path FIXTURES = Path.of("src/test/resources/dev/iptunnel/api");
    private static final String EXPECTED = "# refused: ";

    private final KubernetesClient client;
    private final Set<Path> used = new HashSet<>();

    AdmissionTest() throws IOException {
        client = ApiServer.connect();
    }

    @AfterAll
    void close() {
        client.close();
    }

    @TestFactory
    Stream<DynamicTest> is_accepted() throws IOException {
        return fixtures(
                "accepted",
                manifest -> assertThat(create(manifest).getMetadata().getUid()).isNotEmpty());
    }

    @TestFactory
    Stream<DynamicTest> is_refused_with_one_message() throws IOException {
        return fixtures("refused", manifest -> {
            var firstLine = Files.readAllLines(manifest).getFirst();
            assertThat(firstLine).startsWith(EXPECTED);
            assertThat(refusals(() -> create(manifest)))
                    .map(refusal -> asToldBy(client, refusal))
                    .singleElement()
                    .asString()
                    .startsWith(asToldBy(client, firstLine.substring(EXPECTED.length())));
        });
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void no_fixture_is_unused() throws IOException {
        try (var files = Files.walk(FIXTURES, 2)) {
            assertThat(files.filter(file -> file.getNameCount() == FIXTURES.getNameCount() + 2))
                    .isNotEmpty()
                    .allSatisfy(file -> assertThat(used).contains(file));
        }
    }

    private Stream<DynamicTest> fixtures(String folder, ThrowingConsumer<Path> test) throws IOException {
        try (var files = Files.newDirectoryStream(FIXTURES.resolve(folder), "*.yaml")) {
            var manifests =
                    StreamSupport.stream(files.spliterator(), false).sorted().toList();
            used.addAll(manifests);
            return manifests.stream()
                    .map(manifest -> dynamicTest(manifest.getFileName().toString(), () -> test.accept(manifest)));
        }
    }

    private GenericKubernetesResource create(Path manifest) throws IOException {
        try (var in = Files.newInputStream(manifest)) {
            return client.genericKubernetesResources("iptunnel.dev/v1alpha1", "IpTunnel")
                    .load(in)
                    .dryRun()
                    .create();
        }
    }
}
