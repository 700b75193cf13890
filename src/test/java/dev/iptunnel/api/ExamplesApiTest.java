package dev.iptunnel.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/** The API server accepts every manifest in the documentation. */
@Tag("api")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExamplesApiTest {
    private static final Pattern YAML_BLOCK = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);
    private static final Pattern REFUSAL =
            Pattern.compile("```\n(spec\\.remote: Invalid value: .*?)\n```", Pattern.DOTALL);

    private final KubernetesClient client;

    ExamplesApiTest() throws IOException {
        client = ApiServer.connect();
    }

    @AfterAll
    void close() {
        client.close();
    }

    @TestFactory
    Stream<DynamicTest> is_accepted() throws IOException {
        var examples = new TreeMap<String, String>();
        for (var file : Samples.all()) {
            examples.put(file.toString(), Files.readString(file));
        }
        int samples = examples.size();
        for (var readme : Readmes.ALL) {
            YAML_BLOCK
                    .matcher(Files.readString(readme))
                    .results()
                    .forEach(block -> examples.put(readme + " at " + block.start(), block.group(1)));
        }
        assertThat(examples).hasSizeGreaterThan(samples);
        return examples.entrySet().stream()
                .map(example -> dynamicTest(example.getKey(), () -> assertThat(load(example.getValue()))
                        .isNotEmpty()
                        .allSatisfy(object -> client.resource(object).dryRun().create())));
    }

    @Test
    void the_refusal_that_the_README_shows_is_what_the_API_server_says() throws IOException {
        var refusal = REFUSAL.matcher(Files.readString(Readmes.FIRST));
        assertThat(refusal.find()).isTrue();
        var spec = IpTunnels.spec(
                """
                nodeName: node1
                mode: ipip
                local: 10.77.0.1
                remote: fd00::1
                """);

        var refusals = Refusal.refusals(() ->
                client.resource(IpTunnels.tunnel("to-berlin", spec)).dryRun().create());

        assertThat(refusals)
                .map(told -> Refusal.asToldBy(client, told))
                .containsExactly(Refusal.asToldBy(client, refusal.group(1).replace('\n', ' ')));
    }

    private List<HasMetadata> load(String manifests) {
        return client.load(new ByteArrayInputStream(manifests.getBytes(UTF_8))).items();
    }
}
