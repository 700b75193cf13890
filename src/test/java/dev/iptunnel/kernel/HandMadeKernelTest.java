package dev.iptunnel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.iptunnel.tunnel.TunnelMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code iptunnel get} prints of tunnels that somebody made by hand: manifests, and commands of ip(8). */
@Tag("kernel")
class HandMadeKernelTest {
    private static final String IPV4 = "local 192.0.2.1 remote 192.0.2.2 ";
    private static final String IPV6 = "local 2001:db8::1 remote 2001:db8::2 ";

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    @TempDir
    Path folder = Path.of("");

    /** Each is the commands of ip(8) that make the tunnel {@code tun}. */
    static Stream<List<String>> tunnels() {
        return Stream.of(
                List.of("tunnel add tun mode ipip " + IPV4 + "dev under0", "link set tun up"),
                List.of(
                        "tunnel add tun mode ipip " + IPV4 + "ttl inherit tos 0xb8 nopmtudisc",
                        "link set tun up mtu 1400",
                        "address add 10.9.0.1/30 dev tun",
                        "address add 10.9.1.1 peer 10.9.1.2/32 dev tun",
                        "route add 10.20.0.0/16 dev tun",
                        "route add 10.21.0.0/16 via 10.9.0.2 dev tun metric 7 table 100"),
                List.of("tunnel add tun mode ipip local 192.0.2.1 remote any ttl 9 tos inherit"),
                List.of("tunnel add tun mode sit " + IPV4 + "ttl 64 dev under0", "link set tun up"),
                List.of(
                        "link add tun type sit mode ip6ip " + IPV4 + "ttl inherit nopmtudisc tos 0x20",
                        "link set tun up",
                        "address add fd09::1/64 dev tun nodad",
                        "route add fd20::/48 dev tun",
                        "route add fd21::/48 via fd09::2 dev tun metric 7"),
                List.of("link add tun type ip6tnl mode ip6ip6 " + IPV6 + "hoplimit 7 encaplimit 4", "link set tun up"),
                List.of(
                        "link add tun type ip6tnl mode ip6ip6 " + IPV6
                                + "dev under0 hoplimit 64 encaplimit none tclass 0x28 flowlabel 0x12345",
                        "link set tun up",
                        "address add fd09::1/64 dev tun nodad"),
                List.of(
                        "link add tun type ip6tnl mode ipip6 " + IPV6
                                + "dev under0 hoplimit inherit encaplimit none tclass inherit flowlabel inherit",
                        "link set tun up",
                        "address add 10.9.0.1/30 dev tun",
                        "route add 10.20.0.0/16 dev tun"),
                List.of(
                        "link add red type vrf table 500",
                        "link set red up",
                        "link add tun type ipip mode ipip " + IPV4 + "ttl 64",
                        "link set tun master red",
                        "link set tun up",
                        "address add 10.9.0.1/30 dev tun",
                        "route add 10.20.0.0/16 dev tun table 500"));
    }

    @ParameterizedTest
    @MethodSource("tunnels")
    void the_manifest_of_a_tunnel_takes_it_over_without_a_change(List<String> commands) throws IOException {
        Iproute2.batch(commands.toArray(String[]::new));
        JsonNode link = Iproute2.link("tun");
        List<String> routes = routes();

        Iptunnel shown = Iptunnel.expect(0, "get tun -o yaml");
        Path file = Files.writeString(folder.resolve("tun.yaml"), shown.out());
        Iptunnel planned = Iptunnel.expect(2, "plan -f " + file);

        assertThat(planned.out().lines().skip(1))
                .as(shown.out())
                .allMatch(line -> line.matches(
                        "  (ip link set dev tun alias '[^']*'|sysctl -w net.ipv6.conf.tun.accept_[a-z]*=0)"));
        Iptunnel.expect(0, "apply -f " + file);
        assertThat(Iptunnel.expect(0, "plan -f " + file).out()).isEqualTo("tun: nothing to do\n");
        assertThat(Iproute2.link("tun")).isEqualTo(link);
        assertThat(routes()).isEqualTo(routes);
    }

    @ParameterizedTest
    @MethodSource("tunnels")
    void the_commands_of_a_tunnel_make_the_same_again(List<String> commands) {
        Iproute2.batch(commands.toArray(String[]::new));
        JsonNode link = Iproute2.link("tun");
        List<String> addresses = Iproute2.addresses("tun");
        List<String> routes = routes();
        List<String> shown = Iptunnel.expect(0, "get tun -o ip").out().lines().toList();

        Iproute2.batch("link del tun");
        Iproute2.run(List.of("sh", "-ec", String.join("\n", shown)));

        assertThat(Iproute2.link("tun")).as(String.join("\n", shown)).isEqualTo(link);
        assertThat(Iproute2.addresses("tun")).isEqualTo(addresses);
        assertThat(routes()).isEqualTo(routes);
    }

    @Test
    void what_no_IpTunnel_can_express_is_a_comment() {
        Iproute2.batch(
                "link add tun type ipip mode any " + IPV4,
                "link add mark type ip6tnl mode ip6ip6 " + IPV6 + "fwmark 7");

        assertThat(Iptunnel.expect(0, "get tun -o yaml").out()).startsWith("# tun has mode any (ipip)");
        assertThat(Iptunnel.expect(0, "get mark -o yaml").out()).startsWith("# no IpTunnel can express: fwmark 0x7");
        assertThat(Iptunnel.expect(0, "get tunl0 -o yaml").out()).startsWith("# tunl0 is the fallback device of ipip");
        JsonNode link = Iproute2.link("tun");
        List<String> shown = Iptunnel.expect(0, "get tun -o ip").out().lines().toList();
        Iproute2.batch("link del tun");
        Iproute2.run(List.of("sh", "-ec", String.join("\n", shown)));
        assertThat(Iproute2.link("tun")).isEqualTo(link);
    }

    @Test
    void all_tunnels_of_the_namespace_are_listed_with_their_owners() {
        node.program(TunnelNode.tunnel("ours", TunnelMode.SIT));
        Iproute2.batch("tunnel add hand mode ipip " + IPV4);

        Iptunnel shown = Iptunnel.expect(0, "get");

        assertThat(shown.out().lines().map(line -> line.split(" {3,}", -1)[0] + " " + line.split(" {3,}", -1)[7]))
                .contains("INTERFACE OWNER", "ours IpTunnel/ours", "hand other", "tunl0 kernel", "sit0 kernel");
        assertThat(Iptunnel.expect(1, "get nowhere").err()).contains("there is no such tunnel");
    }

    private static List<String> routes() {
        return Stream.of("-4", "-6")
                .flatMap(family -> Iproute2.run("ip " + family + " route show table all dev tun")
                        .lines())
                .map(String::strip)
                .filter(route -> !route.contains("fe80::") && !route.contains("ff00::"))
                .sorted()
                .toList();
    }
}
