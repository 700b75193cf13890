package dev.iptunnel.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A real program in the PATH, run to its end: its output on both streams, and its exit code. */
public record Program(List<String> words, String input, String output, int exitCode) {
    public static Program run(String... words) {
        return runWith("", words);
    }

    /** {@code kubectl}, as the administrator of the real API server. */
    public static Program kubectl(String... words) {
        return run(Stream.concat(Stream.of("kubectl"), Stream.of(words)).toArray(String[]::new));
    }

    /** The program with {@code input} as its standard input. */
    public static Program runWith(String input, String... words) {
        try {
            Path file = Files.createTempFile("input", ".txt");
            try {
                Files.writeString(file, input);
                Process process = new ProcessBuilder(words)
                        .redirectInput(file.toFile())
                        .redirectErrorStream(true)
                        .start();
                String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                return new Program(List.of(words), input, output, process.waitFor());
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Its output; fails with it if the program failed. */
    public String requireOutput() {
        assertThat(exitCode).as("%s: %s", words, output).isZero();
        return output;
    }
}
