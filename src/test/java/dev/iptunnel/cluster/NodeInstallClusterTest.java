package dev.iptunnel.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.Program;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code deploy/node/install}: the command from the image, on a machine without Kubernetes, Java and a container engine. */
@Tag("cluster")
class NodeInstallClusterTest {
    /** In a network namespace of its own, where /opt/iptunnel is the installed one, and nothing else of /opt is there. */
    private static final String INSTALLED =
            """
            mount -t tmpfs none /opt
            mkdir /opt/iptunnel
            mount --bind "$0/opt/iptunnel" /opt/iptunnel
            export PATH=/usr/bin:/bin
            unset JAVA_HOME
            "$0/usr/local/bin/iptunnel" --version
            "$0/usr/local/bin/iptunnel" get
            "$0/usr/local/bin/iptunnel" plan -f "$1" --node-name node1
            """;

    @Test
    void the_installed_command_runs_without_the_image(@TempDir Path root) {
        Program.run("deploy/node/install", "target/iptunnel-image.tar", root.toString())
                .requireOutput();

        Program used = Program.run(
                "unshare", "--mount", "--net", "bash", "-ec", INSTALLED, root.toString(), "deploy/node/tunnels.d");

        assertThat(used.exitCode()).as(used.output()).isEqualTo(2);
        assertThat(used.output())
                .startsWith("iptunnel ")
                .contains("\nINTERFACE ")
                .contains("\nto-berlin: 3 changes\n  ip tunnel add to-berlin mode ipip local 10.77.0.1");
        assertThat(root.resolve("etc/systemd/system/iptunnel.service"))
                .hasSameTextualContentAs(Path.of("deploy/node/iptunnel.service"));
        assertThat(root.resolve("etc/iptunnel/tunnels.d")).isEmptyDirectory();
    }
}
