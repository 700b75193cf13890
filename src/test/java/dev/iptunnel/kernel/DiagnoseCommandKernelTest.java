package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.iptunnel.tunnel.TunnelMode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** {@code iptunnel diagnose} as a process of its own. */
@Tag("kernel")
class DiagnoseCommandKernelTest {
    private static final List<String> WITHOUT_CAPABILITIES =
            List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all");

    @RegisterExtension
    @Order(1)
    final TunnelNode node = new TunnelNode();

    @RegisterExtension
    @Order(2)
    final Peer peer = new Peer();

    private final Path folder;

    DiagnoseCommandKernelTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private record Answer(int exit, String output) {}

    private static Answer diagnose(List<String> prefix, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.iptunnel.cli.Main",
                "diagnose"));
        command.addAll(Arrays.asList(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Answer(process.waitFor(), output);
    }

    @Test
    void a_process_without_capabilities_reads_of_a_healthy_tunnel_that_nothing_failed() throws Exception {
        node.program(tunnel("tun", TunnelMode.IPIP));

        Answer answer = diagnose(WITHOUT_CAPABILITIES, "tun", "--watch-counters", "100ms");

        assertThat(answer.exit()).as(answer.output()).isZero();
        assertThat(answer.output()).contains("\nnothing failed\n").doesNotContain("FAIL", "\u001b");
        assertThat(answer.output().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    }

    @Test
    void every_tunnel_has_a_line_and_one_that_failed_has_its_checks() throws Exception {
        node.program(tunnel("bad", TunnelMode.IPIP).remote("192.0.2.7"));
        node.program(tunnel("good", TunnelMode.SIT));
        Iproute2.batch("link set bad down", "link add byhand type ipip local 192.0.2.1 remote 192.0.2.9");

        Answer answer = diagnose(List.of(), "--watch-counters", "0s");

        assertThat(answer.exit()).as(answer.output()).isEqualTo(5);
        assertThat(answer.output())
                .startsWith("FAIL     bad   state: interface bad is down\nok       good  nothing failed\n")
                .contains("\nroot cause: state: interface bad is down\n")
                .contains("-> ip link set dev bad up")
                .doesNotContain("byhand");
        assertThat(answer.output().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    }

    @Test
    void json_names_the_root_cause_and_every_check() throws Exception {
        node.program(tunnel("tun", TunnelMode.IP6IP6));
        Iproute2.batch("link set under0 down");

        Answer answer = diagnose(List.of(), "tun", "-o", "json", "--watch-counters", "0s");

        assertThat(answer.exit()).isEqualTo(5);
        JsonNode tunnel = new ObjectMapper().readTree(answer.output()).at("/tunnels/0");
        assertThat(tunnel.at("/interface").asText()).isEqualTo("tun");
        assertThat(tunnel.at("/result").asText()).isEqualTo("FAIL");
        assertThat(tunnel.at("/rootCause/check").asText()).isEqualTo("parent");
        assertThat(tunnel.at("/rootCause/reason").asText()).isEqualTo("ParentDown");
        assertThat(tunnel.at("/checks")).hasSize(21).allSatisfy(check -> assertThat(check.fieldNames())
                .toIterable()
                .containsExactly("check", "result", "reason", "seen", "advice"));
    }

    @Test
    void a_tunnel_of_a_file_that_is_missing_is_named() throws Exception {
        Path file = Files.writeString(
                folder.resolve("tunnel.yaml"),
                """
                apiVersion: iptunnel.dev/v1alpha1
                kind: IpTunnel
                metadata:
                  name: to-b
                spec:
                  nodeName: a
                  interfaceName: tun
                  mode: ipip
                  local: 192.0.2.1
                  remote: 192.0.2.2
                """);

        Answer answer =
                diagnose(List.of(), "to-b", "-f", file.toString(), "--node-name", "a", "--watch-counters", "0s");

        assertThat(answer.exit()).as(answer.output()).isEqualTo(5);
        assertThat(answer.output()).contains("root cause: interface: there is no interface tun");
    }
}
