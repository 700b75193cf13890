package dev.iptunnel.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VersionTest {
    private static final Pattern POM =
            Pattern.compile("<artifactId>iptunnel</artifactId>\\s*<version>([^<]+)</version>");

    @ParameterizedTest
    @CsvSource({
        "deploy/base/kustomization.yaml, app.kubernetes.io/version: (\\S+)",
        "crds/kustomization.yaml, app.kubernetes.io/version: (\\S+)",
        "deploy/helm/iptunnel/Chart.yaml, ^version: (\\S+)",
        "deploy/helm/iptunnel/Chart.yaml, ^appVersion: (\\S+)",
    })
    void of_what_is_deployed_is_the_build_s(String file, String pattern) throws IOException {
        List<String> versions = found(Path.of(file), Pattern.compile(pattern, Pattern.MULTILINE));

        assertThat(versions).isEqualTo(found(Path.of("pom.xml"), POM));
    }

    private static List<String> found(Path file, Pattern pattern) throws IOException {
        return pattern.matcher(Files.readString(file))
                .results()
                .map((MatchResult result) -> result.group(1))
                .toList();
    }
}
