package dev.iptunnel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The systemd unit of {@code deploy/node} and its example, for a machine without Kubernetes. */
@Tag("kernel")
class NodeUnitKernelTest {
    private static final Path FOLDER = Path.of("deploy", "node");
    private static final String PROGRAM = "/usr/local/bin/iptunnel";
    private static final String MANIFESTS = "/etc/iptunnel/tunnels.d";

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    private final Path folder;

    NodeUnitKernelTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private static String unit() throws IOException {
        return Files.readString(FOLDER.resolve("iptunnel.service"));
    }

    /** The value of a line of the unit, with the manifests in a folder of the test. */
    private String setting(String name) throws IOException {
        String line = unit().lines()
                .filter(any -> any.startsWith(name + "="))
                .findFirst()
                .orElseThrow();
        return line.substring(name.length() + 1).replace(MANIFESTS, folder.toString());
    }

    /** Does what systemd would do with the command of that name. */
    private Iptunnel execute(String name) throws IOException {
        String command = setting(name);
        assertThat(command).startsWith(PROGRAM + " ");
        return Iptunnel.expect(0, command.substring(PROGRAM.length() + 1));
    }

    @Test
    void systemd_finds_nothing_wrong_with_the_unit() throws IOException {
        Path program = Files.writeString(folder.resolve("iptunnel"), "#!/bin/sh\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path copy = Files.writeString(folder.resolve("iptunnel.service"), unit().replace(PROGRAM + " ", program + " "));

        Program verified = Program.run("systemd-analyze", "verify", "--man=no", copy.toString());

        assertThat(verified.requireOutput()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ExecStart", "ExecReload"})
    void the_example_is_applied_by_the_units_command_and_pruned_when_its_file_goes(String name) throws IOException {
        Iproute2.batch("address add 10.77.0.1/24 dev under0");
        Path example =
                Files.copy(FOLDER.resolve("tunnels.d").resolve("to-berlin.yaml"), folder.resolve("to-berlin.yaml"));
        Files.writeString(
                folder.resolve("to-bonn.yaml"),
                Files.readString(example)
                        .replace("to-berlin", "to-bonn")
                        .replace("remote: 10.77.0.2", "remote: 10.77.0.3"));
        assertThat(setting("ConditionPathIsDirectory")).isEqualTo(folder.toString());

        assertThat(execute(name).out()).contains("to-berlin: created: ").contains("to-bonn: created: ");
        assertThat(execute(name).out()).isEqualTo("to-berlin: unchanged\nto-bonn: unchanged\n");
        assertThat(Iproute2.addresses("to-berlin")).contains("192.168.7.1/30");

        Files.delete(example);
        assertThat(execute(name).out()).contains("to-berlin: deleted: ");

        assertThat(Iproute2.exists("to-berlin")).isFalse();
        assertThat(Iproute2.exists("to-bonn")).isTrue();
    }
}
