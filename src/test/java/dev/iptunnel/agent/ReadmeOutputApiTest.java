package dev.iptunnel.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What the README shows of kubectl is what kubectl prints of the README's tunnel, but for what is another each time. {@code
 * -Dreadme.update=true} writes it anew.
 */
@Tag("api")
class ReadmeOutputApiTest {
    private static final Path README = Path.of("README.md");
    private static final Pattern MANIFEST = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);
    private static final Pattern SHOWN = Pattern.compile(
            "(?<=<!-- begin: ReadmeOutputApiTest -->\n```\n).*?(?=```\n<!-- end: ReadmeOutputApiTest -->)",
            Pattern.DOTALL);

    @RegisterExtension
    final AgentOfNode1 agent = new AgentOfNode1();

    @Test
    void what_the_README_shows_of_kubectl_is_what_it_prints() throws IOException {
        String readme = Files.readString(README);
        String shown = only(SHOWN, readme);
        agent.client
                .load(new ByteArrayInputStream(only(MANIFEST, readme).getBytes(UTF_8)))
                .create();
        agent.awaitEvent("to-berlin", "TunnelCreated");

        String printed = shown.lines()
                .filter(line -> line.startsWith("$ "))
                .map(command -> command + "\n" + output(command.substring(2)))
                .collect(Collectors.joining("\n"));

        if (Boolean.getBoolean("readme.update")) {
            Files.writeString(README, readme.replace(shown, printed));
        }
        assertThat(only(SHOWN, Files.readString(README)))
                .as("run this test with -Dreadme.update=true")
                .isEqualToNormalizingWhitespace(printed);
    }

    private static String only(Pattern pattern, String text) {
        var found = pattern.matcher(text).results().toList();
        assertThat(found).hasSize(1);
        return found.getFirst().group(found.getFirst().groupCount());
    }

    /** As if it were always the same second. */
    private static String output(String command) {
        try {
            Process process = new ProcessBuilder("bash", "-c", command)
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
            return output.replaceAll("\\d{4}-\\d\\d-\\d\\dT[\\d:]+Z", "2026-01-02T03:04:05Z")
                    .replaceAll("(?<= )\\d{1,2}s ?(?= )", "12s")
                    .replaceAll("[ \n]+\n", "\n")
                    .stripLeading();
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
