package dev.iptunnel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.Program;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The script of {@code iptunnel generate-completion}, in a real bash. */
class CompletionTest {
    /**
     * Completes the last of its words, as bash does when the user presses the tab key. The builtin compopt works in an
     * interactive shell only.
     */
    private static final String COMPLETE =
            """
            source "$1"
            eval "set -- $2"
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMPREPLY=()
            COMP_POINT=${#COMP_LINE}
            compopt() { :; }
            "$(complete -p iptunnel | sed 's/.*-F \\([^ ]*\\) .*/\\1/')"
            printf '%s\\n' "${COMPREPLY[@]}"
            """;

    private final Path folder;
    private final Path script;

    CompletionTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        script = write(folder.resolve("completion"));
    }

    /** Writes the script into a file. */
    static Path write(Path file) throws IOException {
        StringWriter script = new StringWriter();
        assertThat(Main.run(new PrintWriter(script, true), new PrintWriter(script, true), "generate-completion"))
                .isZero();
        return Files.writeString(file, script.toString());
    }

    private List<String> complete(String line) {
        Program bash = Program.run("bash", "--norc", "--noprofile", "-c", COMPLETE, "bash", script.toString(), line);
        return bash.requireOutput().lines().toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "iptunnel di | diagnose",
                "iptunnel apply --pr | --prune --protected-networks",
                "iptunnel get -o '' | table wide json yaml ip",
                "iptunnel get to-berlin -o w | wide",
                "iptunnel diagnose --output '' | text json",
                "iptunnel map -o s | svg",
            })
    void commands_options_and_their_values_are_completed(String line, String words) {
        assertThat(complete(line)).containsExactlyInAnyOrder(words.split(" "));
    }

    @ParameterizedTest
    @CsvSource({
        "plan -f",
        "apply --prune -f",
        "delete -f",
        "get --filename",
        "diagnose -f",
        "map -f",
        "map --kubeconfig"
    })
    void files_are_completed(String command) throws IOException {
        Path file = Files.createFile(folder.resolve("tunnels.yaml"));

        assertThat(complete("iptunnel " + command + " " + folder.resolve("tun")))
                .containsExactly(file.toString());
    }

    @Test
    void every_command_is_completed() {
        assertThat(complete("iptunnel ''"))
                .contains("get", "plan", "apply", "delete", "diagnose", "map", "agent", "controller");
    }
}
