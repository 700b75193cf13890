package dev.iptunnel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The script of {@code iptunnel generate-completion} in a real zsh, which only a machine with the test bed has. */
@Tag("api")
class ZshCompletionTest {
    /** Types the line, the tab key and the return key into an interactive shell, in which the command prints its arguments. */
    private static final String TYPE =
            """
            zmodload zsh/zpty
            zpty shell zsh -f -i
            zpty -w shell "PS1=; autoload -U compinit; compinit -D -u
              autoload -U bashcompinit; bashcompinit; source $1
              iptunnel() { print -r -- \\"<\\$*>\\" }; print ready-\\$((1 + 1))"
            zpty -r shell answer '*ready-2*'
            zpty -w -n shell "$2"$'\\t\\n'
            zpty -r shell answer '*<*>*'
            print -r -- "${${answer##*<}%%>*}"
            """;

    @ParameterizedTest
    @CsvSource({
        "iptunnel dia, diagnose",
        "iptunnel apply --pru, apply --prune",
        "iptunnel get -o wi, get -o wide",
        "iptunnel plan -f DIRECTORY/tun, plan -f DIRECTORY/tunnels.yaml"
    })
    void what_is_typed_is_completed(String typed, String completed, @TempDir Path folder) throws IOException {
        Path script = CompletionTest.write(folder.resolve("completion"));
        Files.createFile(folder.resolve("tunnels.yaml"));

        Program zsh = Program.run(
                "timeout",
                "60",
                "zsh",
                "-f",
                "-c",
                TYPE,
                "zsh",
                script.toString(),
                typed.replace("DIRECTORY", folder.toString()));

        assertThat(zsh.requireOutput().strip()).isEqualTo(completed.replace("DIRECTORY", folder.toString()));
    }
}
