package dev.iptunnel.libc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs ip(8), as another program on the node would. */
final class IpCommand {
    private IpCommand() {}

    /** The words of one command, without the first; fails where the command fails. */
    static void ip(String words) {
        assertThat(exitCode(words, "", Redirect.INHERIT)).as("ip " + words).isZero();
    }

    /** Several commands in one process. */
    static void batch(List<String> commands) {
        assertThat(exitCode("-batch -", String.join("\n", commands), Redirect.INHERIT))
                .as("ip " + commands)
                .isZero();
    }

    /** Deletes interfaces that may not exist. */
    static void deleteLinks(List<String> names) {
        exitCode(
                "-force -batch -",
                String.join(
                        "\n",
                        names.stream().map(name -> "link delete dev " + name).toList()),
                Redirect.DISCARD);
    }

    private static int exitCode(String words, String input, Redirect errors) {
        try {
            Process process = new ProcessBuilder(("ip " + words).split(" +"))
                    .redirectOutput(Redirect.INHERIT)
                    .redirectError(errors)
                    .start();
            try (OutputStream commands = process.getOutputStream()) {
                commands.write(input.getBytes(StandardCharsets.UTF_8));
            }
            return process.waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
