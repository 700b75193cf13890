package dev.iptunnel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the command {@code iptunnel} answered as a process of its own.
 *
 * @param output on both streams
 */
record IptunnelProcess(int exit, String output) {
    /** The words before a command that is to run as root without any capability. */
    static final List<String> WITHOUT_CAPABILITIES = List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all");

    /** @param prefix the words before the command */
    static IptunnelProcess run(List<String> prefix, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.iptunnel.cli.Main"));
        command.addAll(Arrays.asList(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new IptunnelProcess(process.waitFor(), output);
    }

    /** The only line of the output, of a command that ended with this code. */
    String onlyLine(int code) {
        assertThat(exit).as(output).isEqualTo(code);
        assertThat(output.lines()).as(output).hasSize(1);
        return output.strip();
    }
}
