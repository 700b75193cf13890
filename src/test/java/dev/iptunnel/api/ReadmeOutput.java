package dev.iptunnel.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The commands that the README shows between the marks of a test, each with what it prints. What differs each time is written
 * the same. {@code -Dreadme.update=true} rewrites the README.
 *
 * @param test the simple name of the test, in the marks
 */
public record ReadmeOutput(String test) {
    private static final Pattern MANIFEST = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

    /** The manifest of this kind that the README shows. */
    public static String manifest(String kind) throws IOException {
        List<String> found = MANIFEST.matcher(Files.readString(Readmes.FIRST))
                .results()
                .map(manifest -> manifest.group(1))
                .filter(manifest -> manifest.contains("\nkind: " + kind + "\n"))
                .toList();
        assertThat(found).hasSize(1);
        return found.getFirst();
    }

    /** Runs each command, in the order of the README, and compares what it prints. */
    public void assertIsWhatTheCommandsPrint() throws IOException {
        String readme = Files.readString(Readmes.FIRST);
        assertThat(shown(readme)).isNotEmpty().hasSize(readme.split(begin(), -1).length - 1);

        String printed = blocks().matcher(readme).replaceAll(block -> Matcher.quoteReplacement(outputs(block.group())));

        if (Boolean.getBoolean("readme.update")) {
            Files.writeString(Readmes.FIRST, printed);
        }
        assertThat(String.join("\n", shown(Files.readString(Readmes.FIRST))))
                .as("run this test with -Dreadme.update=true")
                .isEqualToNormalizingWhitespace(String.join("\n", shown(printed)));
    }

    private String begin() {
        return "<!-- begin: " + test + " -->";
    }

    private Pattern blocks() {
        return Pattern.compile("(?<=" + begin() + "\n```\n).*?(?=```\n<!-- end: " + test + " -->)", Pattern.DOTALL);
    }

    private List<String> shown(String readme) {
        return blocks().matcher(readme).results().map(MatchResult::group).toList();
    }

    private static String outputs(String block) {
        return block.lines()
                .filter(line -> line.startsWith("$ "))
                .map(command -> command + "\n" + output(command.substring(2)))
                .collect(Collectors.joining("\n"));
    }

    /** What a command prints, with fixed times and ages. */
    public static String output(String command) {
        try {
            Process process = new ProcessBuilder("bash", "-c", command)
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
            return output.replaceAll("\\d{4}-\\d\\d-\\d\\dT[\\d:]+Z", "2026-01-02T03:04:05Z")
                    .replaceAll("(?<= )(?:\\d{1,3}s|\\d+m\\d{0,2}s?) ?(?=[ \n])", "12s")
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
