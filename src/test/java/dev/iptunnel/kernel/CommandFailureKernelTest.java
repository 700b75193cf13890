package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.IptunnelProcess.WITHOUT_CAPABILITIES;
import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.tunnel.TunnelMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user reads when {@code iptunnel} may not or cannot do its work: one line, and a documented exit code. */
@Tag("kernel")
class CommandFailureKernelTest {
    private static final String MANIFEST =
            """
            apiVersion: iptunnel.dev/v1alpha1
            kind: IpTunnel
            metadata: {name: tun}
            spec: {nodeName: node1, mode: ipip, local: 192.0.2.1, remote: 192.0.2.2, parent: under0}
            """;

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    private final Path folder;

    CommandFailureKernelTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private String manifest() throws Exception {
        return Files.writeString(folder.resolve("tunnels.yaml"), MANIFEST).toString();
    }

    /** What ip(8) shows of all interfaces, but for counters. */
    private static String links() {
        return Iproute2.run("ip -d -j link show");
    }

    @Test
    void apply_without_the_capability_NET_ADMIN_says_so_in_one_line_and_changes_nothing() throws Exception {
        String before = links();

        IptunnelProcess applied =
                IptunnelProcess.run(WITHOUT_CAPABILITIES, "apply", "-f", manifest(), "--node-name", "node1");

        assertThat(applied.onlyLine(1))
                .startsWith("tun: refused: PermissionDenied ")
                .endsWith("the process needs the capability NET_ADMIN");
        assertThat(links()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"delete tun", "delete tun --keep"})
    void delete_without_the_capability_NET_ADMIN_says_so_in_one_line_and_changes_nothing(String command)
            throws Exception {
        Iptunnel.expect(0, "apply -f " + manifest());
        String before = links();

        IptunnelProcess deleted = IptunnelProcess.run(WITHOUT_CAPABILITIES, command.split(" "));

        assertThat(deleted.onlyLine(1))
                .startsWith("tun: refused: PermissionDenied ")
                .endsWith("the process needs the capability NET_ADMIN");
        assertThat(links()).isEqualTo(before);
    }

    @Test
    void reading_needs_no_capability() throws Exception {
        node.program(tunnel("other", TunnelMode.IPIP).remote("192.0.2.9"));
        String file = manifest();

        IptunnelProcess shown = IptunnelProcess.run(WITHOUT_CAPABILITIES, "get", "-f", file, "--node-name", "node1");
        IptunnelProcess planned = IptunnelProcess.run(WITHOUT_CAPABILITIES, "plan", "-f", file, "--node-name", "node1");

        assertThat(shown.exit()).as(shown.output()).isZero();
        assertThat(shown.output()).contains("IpTunnel/other").contains("Missing");
        assertThat(planned.exit()).as(planned.output()).isEqualTo(2);
        assertThat(planned.output()).contains("ip tunnel add tun");
    }

    @ParameterizedTest
    @ValueSource(strings = {"apply --prune -f", "map -f"})
    void a_file_that_this_user_may_not_read_gets_one_line(String command) throws Exception {
        Path file = Path.of(manifest());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));

        IptunnelProcess answer = IptunnelProcess.run(WITHOUT_CAPABILITIES, (command + " " + file).split(" "));

        assertThat(answer.output().lines().filter(line -> line.contains(file.toString())))
                .as(answer.output())
                .singleElement()
                .asString()
                .endsWith("this user may not read it");
        assertThat(answer.exit()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"plan", "apply", "delete", "get", "diagnose"})
    void a_file_that_is_no_text_gets_one_line(String command) throws Exception {
        Path binary = Files.write(folder.resolve("binary"), new byte[] {0x7f, 'E', 'L', 'F', (byte) 0xff, 0, 1});
        Path zeros = Files.write(folder.resolve("zeros"), new byte[5000]);
        Path control = Files.write(folder.resolve("control"), "a: \u0001\u0002".getBytes(StandardCharsets.UTF_8));

        assertOneLine(command, binary, binary + ": is no text in UTF-8");
        assertOneLine(command, zeros, zeros + ", document 1, line 1: is no YAML: ");
        assertOneLine(command, control, control + ", document 1, line 1: is no YAML: ");
    }

    private static void assertOneLine(String command, Path file, String begins) {
        Iptunnel answer = Iptunnel.expect(1, command + " -f " + file);
        assertThat(answer.err().lines())
                .as(answer.err())
                .singleElement()
                .asString()
                .startsWith(begins);
    }
}
