package dev.iptunnel.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The API server adds nothing that differs from the manifest: applied again, it changes nothing. */
@Tag("api")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ApplyTwiceApiTest {
    private static final Path SAMPLES = Path.of("deploy", "samples");
    private static final Path ACCEPTED = Path.of("src/test/resources/dev/iptunnel/api/accepted");
    private static final Pattern YAML_BLOCK = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);
    private static final Pattern NAME = Pattern.compile("(?m)^  name: (\\S+)");

    private final KubernetesClient client;

    ApplyTwiceApiTest() throws IOException {
        client = ApiServer.connect();
    }

    @AfterEach
    void delete() {
        client.resources(IpTunnel.class).delete();
        client.resources(IpTunnelSet.class).delete();
    }

    @AfterAll
    void close() {
        client.close();
    }

    @Test
    void client_side_apply_of_every_manifest_says_unchanged(@TempDir Path folder) throws IOException {
        int tunnels = writeManifests(folder);
        apply("--server-side=false", folder);

        assertThat(apply("--server-side=false", folder)).hasSize(tunnels).allMatch(line -> line.endsWith(" unchanged"));
        assertNoDifference("--server-side=false", folder);
    }

    @Test
    void server_side_apply_of_every_manifest_again_and_again_writes_nothing(@TempDir Path folder) throws IOException {
        int tunnels = writeManifests(folder);
        apply("--server-side", folder);
        // This also stores the default of the status, which a creation does not.
        apply("--server-side", folder);
        List<String> versions = resourceVersions();

        apply("--server-side", folder);

        assertThat(resourceVersions()).hasSize(tunnels).isEqualTo(versions);
        assertNoDifference("--server-side", folder);
    }

    @ParameterizedTest
    @MethodSource("kustomizations")
    void client_side_apply_of_the_operator_says_unchanged(String kustomization) {
        Program.kubectl("apply", "--server-side=false", "--force-conflicts=false", "-k", kustomization)
                .requireOutput();

        String again = Program.kubectl("apply", "-k", kustomization).requireOutput();

        assertThat(again.lines()).isNotEmpty().allMatch(line -> line.endsWith(" unchanged"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "table: 254",
                "metric: 0",
                "table: 254, metric: 0",
            })
    void a_route_may_contain_its_default_values(String written, @TempDir Path folder) throws IOException {
        Path manifest = folder.resolve("tunnel.yaml");
        String tunnel = Files.readString(ACCEPTED.resolve("ipip.yaml")) + "  routes: [{destination: 10.9.0.0/16%s}]\n";
        Files.writeString(manifest, tunnel.formatted(""));
        apply("--server-side=false", folder);

        Files.writeString(manifest, tunnel.formatted(", " + written));

        assertThat(apply("--server-side=false", folder))
                .singleElement()
                .asString()
                .endsWith(" configured");
        assertThat(apply("--server-side=false", folder))
                .singleElement()
                .asString()
                .endsWith(" unchanged");
    }

    private static Stream<String> kustomizations() throws IOException {
        try (var files = Files.newDirectoryStream(SAMPLES)) {
            List<String> overlays = StreamSupport.stream(files.spliterator(), false)
                    .filter(file -> Files.exists(file.resolve("kustomization.yaml")))
                    .map(Path::toString)
                    .sorted()
                    .toList();
            assertThat(overlays).isNotEmpty();
            return Stream.concat(Stream.of("crds", "deploy/base"), overlays.stream());
        }
    }

    private static List<String> apply(String how, Path folder) {
        return Program.kubectl("apply", how, "-f", folder.toString())
                .requireOutput()
                .lines()
                .toList();
    }

    private static void assertNoDifference(String how, Path folder) {
        assertThat(Program.kubectl("diff", how, "-f", folder.toString()).requireOutput())
                .isEmpty();
    }

    private List<String> resourceVersions() {
        return Stream.of(IpTunnel.class, IpTunnelSet.class)
                .flatMap(type -> client.resources(type).list().getItems().stream())
                .map(object -> object.getMetadata().getName() + " "
                        + object.getMetadata().getResourceVersion())
                .toList();
    }

    /** Every manifest that the API server is known to take, each object with a name of its own; how many there are. */
    private static int writeManifests(Path folder) throws IOException {
        List<String> manifests = new ArrayList<>();
        try (var files = Files.newDirectoryStream(ACCEPTED, "*.yaml")) {
            for (Path file : files) {
                manifests.add(Files.readString(file));
            }
        }
        for (Path file : Samples.all()) {
            manifests.add(Files.readString(file));
        }
        for (String base : SetFixtures.bases().toList()) {
            manifests.add(SetFixtures.yaml(base));
        }
        for (Path readme : Readmes.ALL) {
            YAML_BLOCK.matcher(Files.readString(readme)).results().forEach(block -> manifests.add(block.group(1)));
        }
        Set<String> names = new HashSet<>();
        for (String manifest : manifests) {
            String own = NAME.matcher(manifest).replaceAll(name -> ownName(name, names));
            Files.writeString(folder.resolve(names.size() + ".yaml"), own);
        }
        assertThat(names).hasSizeGreaterThan(70);
        return names.size();
    }

    private static String ownName(MatchResult match, Set<String> names) {
        String name = match.group(1);
        String own = names.contains(name) ? "other" + names.size() : name;
        names.add(own);
        return "  name: " + own;
    }
}
