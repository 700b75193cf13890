package dev.iptunnel.agent.spec;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The agent reads what the API server accepts, and refuses what it refuses, for the same field: an older CRD may have
 * accepted an object.
 */
class SpecReaderAdmissionTest {
    private static final Path FIXTURES = Path.of("src/test/resources/dev/iptunnel/api");
    private static final String EXPECTED = "# refused: ";
    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    private static final String COST = "the number is limited for the API server's sake: the kernel takes more";
    private static final String OTHER_NODE = "no agent is asked for an object whose node is not its own";
    private static final String TYPE = "any CRD of ours refuses another type than the field's, or no spec at all";

    /** By manifest, the reason why the agent does not refuse it. */
    private static final Map<String, String> NOT_REFUSED = Map.ofEntries(
            entry("addresses-too-many.yaml", COST),
            entry("routes-too-many.yaml", COST),
            entry("node-name-empty.yaml", OTHER_NODE),
            entry("node-name-odd.yaml", OTHER_NODE),
            entry("node-name-in-capitals.yaml", OTHER_NODE),
            entry("nodename-missing.yaml", OTHER_NODE),
            entry("allow-isolation-number.yaml", TYPE),
            entry("local-from-text.yaml", TYPE),
            entry("mtu-quoted.yaml", TYPE),
            entry("path-mtu-discovery-text.yaml", TYPE),
            entry("paused-text.yaml", TYPE),
            entry("route-metric-quoted.yaml", TYPE),
            entry("route-table-name.yaml", TYPE),
            entry("spec-missing.yaml", TYPE));

    @TestFactory
    Stream<DynamicTest> reads_what_the_api_server_accepts() throws IOException {
        return manifests("accepted")
                .map(manifest -> dynamicTest(name(manifest), () -> assertThat(Tunnels.READER.read(tunnel(manifest)))
                        .isNotNull()));
    }

    @TestFactory
    Stream<DynamicTest> refuses_what_the_api_server_refuses() throws IOException {
        return manifests("refused")
                .filter(manifest -> !NOT_REFUSED.containsKey(name(manifest)))
                .map(manifest -> dynamicTest(name(manifest), () -> {
                    InvalidSpecException refused = catchThrowableOfType(
                            InvalidSpecException.class, () -> Tunnels.READER.read(tunnel(manifest)));
                    assertThat(refused).isNotNull();
                    assertThat(refused.detail()).startsWith(refusedField(manifest));
                }));
    }

    @Test
    void has_no_exception_that_is_not_needed() {
        // when
        List<String> needless = NOT_REFUSED.keySet().stream()
                .filter(name -> isRefused(FIXTURES.resolve("refused", name)))
                .toList();

        // then
        assertThat(needless).isEmpty();
    }

    private static boolean isRefused(Path manifest) {
        try {
            Tunnels.READER.read(tunnel(manifest));
            return false;
        } catch (InvalidSpecException e) {
            return true;
        } catch (IOException | RuntimeException unreadable) {
            return false;
        }
    }

    /** The field that the API server's message begins with. */
    private static String refusedField(Path manifest) throws IOException {
        String message = Files.readAllLines(manifest).getFirst().substring(EXPECTED.length());
        String field = message.substring(0, message.indexOf(':'));
        return field.equals("<nil>") ? "metadata" : field;
    }

    private static IpTunnel tunnel(Path manifest) throws IOException {
        IpTunnel tunnel = YAML.unmarshal(Files.readString(manifest), IpTunnel.class);
        tunnel.getMetadata().setUid("uid-of-it");
        return tunnel;
    }

    private static String name(Path manifest) {
        return manifest.getFileName().toString();
    }

    private static Stream<Path> manifests(String folder) throws IOException {
        try (Stream<Path> files = Files.list(FIXTURES.resolve(folder))) {
            return files.sorted().toList().stream();
        }
    }
}
