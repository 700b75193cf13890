package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.IptunnelProcess.WITHOUT_CAPABILITIES;
import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.iptunnel.tunnel.TunnelMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** {@code iptunnel diagnose} as a process of its own. */
@Tag("kernel")
class DiagnoseCommandKernelTest {
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

    private static IptunnelProcess diagnose(List<String> prefix, String... arguments)
            throws IOException, InterruptedException {
        return IptunnelProcess.run(
                prefix,
                Stream.concat(Stream.of("diagnose"), Stream.of(arguments)).toArray(String[]::new));
    }

    @Test
    void a_process_without_capabilities_reads_of_a_healthy_tunnel_that_nothing_failed() throws Exception {
        node.program(tunnel("tun", TunnelMode.IPIP));

        IptunnelProcess answer = diagnose(WITHOUT_CAPABILITIES, "tun", "--watch-counters", "100ms");

        assertThat(answer.exit()).as(answer.output()).isZero();
        assertThat(answer.output()).contains("\nnothing failed\n").doesNotContain("FAIL", "\u001b");
        assertThat(answer.output().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    }

    @Test
    void every_tunnel_has_a_line_and_one_that_failed_has_its_checks() throws Exception {
        node.program(tunnel("bad", TunnelMode.IPIP).remote("192.0.2.7"));
        node.program(tunnel("good", TunnelMode.SIT));
        Iproute2.batch("link set bad down", "link add byhand type ipip local 192.0.2.1 remote 192.0.2.9");

        IptunnelProcess answer = diagnose(List.of(), "--watch-counters", "0s");

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

        IptunnelProcess answer = diagnose(List.of(), "tun", "-o", "json", "--watch-counters", "0s");

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

        IptunnelProcess answer =
                diagnose(List.of(), "to-b", "-f", file.toString(), "--node-name", "a", "--watch-counters", "0s");

        assertThat(answer.exit()).as(answer.output()).isEqualTo(5);
        assertThat(answer.output()).contains("root cause: interface: there is no interface tun");
    }

    @Test
    void networks_that_are_protected_are_known_from_the_option() throws Exception {
        Path file = Files.writeString(
                folder.resolve("tunnel.yaml"),
                """
                apiVersion: iptunnel.dev/v1alpha1
                kind: IpTunnel
                metadata: {name: tun}
                spec:
                  nodeName: node1
                  mode: ipip
                  local: 192.0.2.1
                  remote: 192.0.2.2
                  parent: under0
                  addresses: [{address: 10.9.0.1/30}]
                  routes: [{destination: 10.96.1.0/24}]
                """);
        String option = "--protected-networks=10.96.0.0/12";
        Iptunnel.expect(3, "apply " + option + " -f " + file);

        IptunnelProcess answer =
                diagnose(List.of(), "-f", file.toString(), "--node-name", "node1", "--watch-counters", "0s", option);

        assertThat(answer.exit()).as(answer.output()).isEqualTo(5);
        assertThat(answer.output().replaceAll("\\s+", " "))
                .contains("root cause: addresses: route 10.96.1.0/24 (spec.routes) would send the node's packets to a"
                        + " protected network");
        assertThat(Iptunnel.expect(3, "plan " + option + " -f " + file).out()).contains("RouteWouldIsolateNode");
        assertThat(Iptunnel.expect(2, "plan -f " + file).out()).contains("ip route add 10.96.1.0/24");
    }
}
