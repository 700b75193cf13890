package dev.iptunnel.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.Readmes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What the README shows of kubectl is what kubectl prints for the README's tunnel, except for what differs each time.
 * {@code -Dreadme.update=true} rewrites it.
 */
@Tag("api")
class ReadmeOutputApiTest {
    private static final String BEGIN = "<!-- begin: ReadmeOutputApiTest -->";
    private static final Pattern MANIFEST = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);
    private static final Pattern SHOWN =
            Pattern.compile("(?<=" + BEGIN + "\n```\n).*?(?=```\n<!-- end: ReadmeOutputApiTest -->)", Pattern.DOTALL);

    @RegisterExtension
    final AgentOfNode1 agent = new AgentOfNode1();

    @Test
    void what_the_README_shows_of_kubectl_is_what_it_prints() throws IOException {
        // given
        String readme = Files.readString(Readmes.FIRST);
        assertThat(shown(readme)).isNotEmpty().hasSize(readme.split(BEGIN, -1).length - 1);
        agent.client
                .load(new ByteArrayInputStream(onlyManifest(readme).getBytes(UTF_8)))
                .create();
        agent.awaitEvent("to-berlin", "TunnelCreated");
        output("kubectl wait --for=condition=Ready ipt/to-berlin");

        // when
        String printed = SHOWN.matcher(readme).replaceAll(block -> Matcher.quoteReplacement(outputs(block.group())));

        // then
        if (Boolean.getBoolean("readme.update")) {
            Files.writeString(Readmes.FIRST, printed);
        }
        assertThat(String.join("\n", shown(Files.readString(Readmes.FIRST))))
                .as("run this test with -Dreadme.update=true")
                .isEqualToNormalizingWhitespace(String.join("\n", shown(printed)));
    }

    private static List<String> shown(String readme) {
        return SHOWN.matcher(readme).results().map(MatchResult::group).toList();
    }

    private static String onlyManifest(String readme) {
        var found = MANIFEST.matcher(readme).results().toList();
        assertThat(found).hasSize(1);
        return found.getFirst().group(1);
    }

    /** The commands of a block, each with what it prints now. */
    private static String outputs(String block) {
        return block.lines()
                .filter(line -> line.startsWith("$ "))
                .map(command -> command + "\n" + output(command.substring(2)))
                .collect(Collectors.joining("\n"));
    }

    /** Replaces the times and other values that differ each time. */
    private static String output(String command) {
        try {
            Process process = new ProcessBuilder("bash", "-c", command)
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
            return output.replaceAll("\\d{4}-\\d\\d-\\d\\dT[\\d:]+Z", "2026-01-02T03:04:05Z")
                    .replaceAll("(?<= )\\d{1,2}s ?(?=[ \n])", "12s")
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
