package dev.iptunnel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.cli.Main;
import dev.iptunnel.tunnel.TunnelMode;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pitfall 42 of the fleet's design: {@code apply --confirm} over a session that the change cuts. */
@Tag("kernel")
class ConfirmedApplyKernelTest {
    private static final InputStream STANDARD_INPUT = System.in;

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    private final Path folder;

    ConfirmedApplyKernelTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @AfterEach
    void the_standard_input_is_what_it_was() {
        System.setIn(STANDARD_INPUT);
    }

    /** Nothing comes, as over a connection that is cut. */
    private static void silence() throws IOException {
        System.setIn(new PipedInputStream(new PipedOutputStream()));
    }

    private static void types(String text) {
        System.setIn(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    private String file(String name, TunnelMode mode, String fields) throws IOException {
        boolean ip4 = mode == TunnelMode.IPIP || mode == TunnelMode.SIT;
        Path file = folder.resolve(name + ".yaml");
        Files.writeString(
                file,
                """
                apiVersion: iptunnel.dev/v1alpha1
                kind: IpTunnel
                metadata: {name: %s}
                spec:
                  nodeName: %s
                  mode: %s
                  local: "%s"
                  remote: "%s"
                %s
                """
                        .formatted(
                                name,
                                Iptunnel.NODE,
                                mode,
                                ip4 ? "192.0.2.1" : "2001:db8::1",
                                ip4 ? "192.0.2.2" : "2001:db8::2",
                                fields.indent(2)));
        return file.toString();
    }

    @ParameterizedTest
    @EnumSource
    void a_tunnel_that_nobody_confirms_goes(TunnelMode mode) throws IOException {
        silence();

        Iptunnel answer = Iptunnel.expect(6, "apply --confirm 1 -f " + file("tun", mode, ""));

        assertThat(answer.out()).contains("tun: created: ", "tun: deleted again");
        assertThat(answer.err()).contains("press Enter within 1 s", "not confirmed");
        assertThat(Iproute2.exists("tun")).isFalse();
    }

    @Test
    void a_tunnel_that_is_confirmed_stays() throws IOException {
        types("\n");

        Iptunnel answer = Iptunnel.expect(0, "apply --confirm 60 -f " + file("tun", TunnelMode.IPIP, ""));

        assertThat(answer.err()).contains("the changes are kept");
        assertThat(Iproute2.exists("tun")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no line"})
    void the_end_of_the_input_confirms_nothing(String input) throws IOException {
        types(input);

        Iptunnel.expect(6, "apply --confirm 3600 -f " + file("tun", TunnelMode.IPIP, ""));

        assertThat(Iproute2.exists("tun")).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void a_change_that_nobody_confirms_is_undone_in_place(TunnelMode mode) throws IOException {
        boolean ip4 = mode == TunnelMode.IPIP || mode == TunnelMode.IPIP6;
        String before = ip4
                ? "{addresses: [{address: 10.9.0.1/30}], routes: [{destination: 10.50.0.0/16, metric: 7}], reversePathFilter: Loose}"
                : "{addresses: [{address: \"fd09::1/64\"}], routes: [{destination: \"fd50::/32\", metric: 7}]}";
        Iptunnel.expect(0, "apply -f " + file("tun", mode, inline(before)));
        String device = Iproute2.device("tun");
        silence();

        Iptunnel answer =
                Iptunnel.expect(6, "apply --confirm 1 -f " + file("tun", mode, "ttl: 9\nmtu: 1400\nadminState: Down"));

        assertThat(answer.out()).contains("tun: changed: ");
        assertThat(Iproute2.device("tun")).isEqualTo(device);
        if (ip4) {
            assertThat(Iproute2.run("sysctl -n net.ipv4.conf.tun.rp_filter").strip())
                    .isEqualTo("2");
        }
    }

    /** The fields of a flow mapping, a line each. */
    private static String inline(String mapping) {
        return mapping.substring(1, mapping.length() - 1)
                .replace("], routes", "]\nroutes")
                .replace("], reversePathFilter", "]\nreversePathFilter");
    }

    @Test
    void a_tunnel_that_was_pruned_comes_back() throws IOException {
        Iptunnel.expect(0, "apply -f " + file("tun", TunnelMode.IPIP, "deletionPolicy: Retain\nttl: 7"));
        String alias = Iproute2.alias("tun");
        Iptunnel.expect(0, "apply -f " + file("gone", TunnelMode.SIT, "ttl: 8"));
        Files.delete(folder.resolve("gone.yaml"));
        silence();

        Iptunnel.expect(6, "apply --prune --confirm 1 -f " + folder);

        assertThat(Iproute2.parameters("gone").get("ttl").asInt()).isEqualTo(8);
        assertThat(Iproute2.alias("tun")).isEqualTo(alias);
    }

    @Test
    void a_tunnel_that_was_taken_over_is_given_back() throws IOException {
        Iproute2.batch("tunnel add tun mode ipip local 192.0.2.1 remote 192.0.2.2 ttl 64", "link set tun up");
        String before = Iproute2.device("tun");
        silence();

        Iptunnel.expect(6, "apply --confirm 1 -f " + file("tun", TunnelMode.IPIP, "adoptionPolicy: IfIdentical"));

        assertThat(Iproute2.device("tun")).isEqualTo(before);
        assertThat(Iproute2.alias("tun")).isEmpty();
    }

    /** As sshd sends it when the connection is lost. */
    @Test
    void a_terminal_that_goes_away_undoes_the_changes() throws IOException, InterruptedException {
        Process command = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "apply",
                        "--confirm",
                        "3600",
                        "--node-name",
                        Iptunnel.NODE,
                        "-f",
                        file("tun", TunnelMode.IPIP, ""))
                .redirectErrorStream(true)
                .start();
        BufferedReader output = command.inputReader();
        String line = output.readLine();
        while (line != null && !line.contains("press Enter")) {
            line = output.readLine();
        }
        assertThat(Iproute2.exists("tun")).isTrue();

        new ProcessBuilder("kill", "-HUP", Long.toString(command.pid())).start().waitFor();
        command.waitFor();

        assertThat(output.lines()).anyMatch(text -> text.contains("tun: deleted again"));
        assertThat(Iproute2.exists("tun")).isFalse();
    }

    @Test
    void where_nothing_changes_nobody_is_asked() throws IOException {
        String file = file("tun", TunnelMode.IPIP, "");
        Iptunnel.expect(0, "apply -f " + file);
        silence();

        assertThat(Iptunnel.expect(0, "apply --confirm 3600 -f " + file).err()).doesNotContain("Enter");
    }

    @Test
    void the_manifests_cannot_come_from_where_the_confirmation_does() {
        assertThat(Iptunnel.expect(64, "apply --confirm -f -").err()).contains("write -f FILE");
        assertThat(Iptunnel.expect(64, "apply --confirm 0 -f x").err()).contains("write 1 to 3600");
    }
}
