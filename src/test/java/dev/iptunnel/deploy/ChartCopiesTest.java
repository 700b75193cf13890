package dev.iptunnel.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The chart has copies, for a chart holds its files itself: Flux drops symbolic links, and Helm takes nothing outside. */
class ChartCopiesTest {
    private static final Path COPIES = Path.of("deploy", "helm", "iptunnel", "files");

    /** {@code -Dchart.update=true} makes the copies anew. */
    @ParameterizedTest
    @CsvSource({
        "crds/iptunnels.iptunnel.dev.yaml, iptunnels.iptunnel.dev.yaml",
        "crds/iptunnelsets.iptunnel.dev.yaml, iptunnelsets.iptunnel.dev.yaml",
        "deploy/base/own-node-policy.yaml, own-node-policy.yaml",
        "deploy/base/rbac.yaml, rbac.yaml",
        "deploy/controller/policy.yaml, controller-policy.yaml",
        "deploy/controller/rbac.yaml, controller-rbac.yaml",
        "deploy/components/secure-metrics/rbac.yaml, secure-metrics.yaml"
    })
    void a_file_of_the_chart_is_the_one_that_it_is_a_copy_of(String original, String name) throws IOException {
        Path copy = COPIES.resolve(name);
        String expected = "# A copy of " + original + ", made by ChartCopiesTest with -Dchart.update=true.\n"
                + Files.readString(Path.of(original));
        if (Boolean.getBoolean("chart.update")) {
            Files.writeString(copy, expected);
        }
        assertThat(Files.readString(copy))
                .as("run this test with -Dchart.update=true")
                .isEqualTo(expected);
    }
}
