package dev.iptunnel.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a call of {@code kubectl}, as the administrator of the real API server, came to.
 *
 * @param output standard output and standard error
 */
public record Kubectl(int exitCode, String output) {
    public static Kubectl call(String... words) {
        var command = new ArrayList<>(List.of("kubectl"));
        command.addAll(List.of(words));
        try {
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Kubectl(process.waitFor(), output);
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** What it prints; it has to succeed. */
    public static String output(String... words) {
        var call = call(words);
        assertThat(call.exitCode).as("%s", call.output).isZero();
        return call.output;
    }
}
