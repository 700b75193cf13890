package dev.iptunnel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Network namespaces that lack what others have: fallback devices, or IPv6. The agent runs inside. */
@Tag("kernel")
class BareNamespaceKernelTest {
    private static final Path FALLBACKS = Path.of("/proc/sys/net/core/fb_tunnels_only_for_init_net");
    private static final List<String> INSIDE = List.of("ip", "netns", "exec", "bare");

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    @AfterEach
    void remove() throws IOException {
        Iproute2.run("ip netns delete bare");
        Files.writeString(FALLBACKS, "0\n");
    }

    private static void make(String fallbacks) {
        try {
            Files.writeString(FALLBACKS, fallbacks + "\n");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        Iproute2.run("ip netns add bare");
        Iproute2.batchIn(
                "bare",
                "link set lo up",
                "link add under0 type dummy",
                "link set under0 up",
                "address add 192.0.2.1/24 dev under0",
                "address add 2001:db8::1/64 dev under0 nodad");
    }

    private static String inside(String command) {
        return Iproute2.run("ip -netns bare " + command);
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void without_fallback_devices_a_tunnel_is_what_iproute2_makes(TunnelMode mode) {
        make("2");
        assertThat(inside("link show")).doesNotContain("tunl0", "sit0", "ip6tnl0");

        assertThat(TunnelProcess.run(INSIDE, mode, 0)).startsWith("ip ");

        String ours = parameters();
        assertThat(inside("address show dev tun"))
                .contains(mode.inner() == IpFamily.IPV4 ? "10.9.0.1/30" : "fd09::1/64");
        Iproute2.batchIn(
                "bare",
                "link delete dev tun",
                "link add tun mtu 1480 type "
                        + switch (mode) {
                            case IPIP -> "ipip mode ipip local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 64";
                            case SIT -> "sit mode ip6ip local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 64";
                            case IP6IP6, IPIP6 ->
                                "ip6tnl mode " + mode + " local 2001:db8::1 remote 2001:db8::2 dev under0 hoplimit 64"
                                        + " encaplimit none";
                        },
                "link set tun up");
        assertThat(ours).isEqualTo(parameters());
    }

    private static String parameters() {
        String shown = inside("-d -j link show dev tun");
        return shown.substring(shown.indexOf("\"linkinfo\""), shown.indexOf("\"num_tx_queues\""));
    }

    @Test
    void a_renamed_fallback_device_serves_as_well() {
        make("0");
        Iproute2.batchIn("bare", "link set tunl0 name cilium_tunl", "link set cilium_tunl up");

        assertThat(TunnelProcess.run(INSIDE, TunnelMode.IPIP, 0)).startsWith("ip ");

        assertThat(inside("link show")).contains("tun@under0").contains("cilium_tunl");
    }

    @ParameterizedTest
    @CsvSource({"IPIP, ip tunnel add", "IPIP6, ip -6 tunnel add", "SIT, IPv6Disabled", "IP6IP6, IPv6Disabled"})
    void where_ipv6_is_disabled_a_tunnel_works_or_says_so(TunnelMode mode, String answer) throws IOException {
        make("0");
        Iproute2.run(List.of(
                "ip",
                "netns",
                "exec",
                "bare",
                "sysctl",
                "-q",
                "-w",
                "net.ipv6.conf.all.disable_ipv6=1",
                "net.ipv6.conf.default.disable_ipv6=1"));

        assertThat(TunnelProcess.run(INSIDE, mode, 0)).startsWith(answer);

        assertThat(inside("link show")).contains("tun@under0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"SIT", "IP6IP6"})
    void where_ipv6_is_enabled_again_the_tunnel_gets_its_address(TunnelMode mode) throws IOException {
        make("0");
        String off = "net.ipv6.conf.default.disable_ipv6=";
        Iproute2.run(List.of("ip", "netns", "exec", "bare", "sysctl", "-q", "-w", off + 1));
        assertThat(TunnelProcess.run(INSIDE, mode, 0)).startsWith("IPv6Disabled");
        Iproute2.run(List.of(
                "ip", "netns", "exec", "bare", "sysctl", "-q", "-w", off + 0, "net.ipv6.conf.tun.disable_ipv6=0"));

        assertThat(TunnelProcess.run(INSIDE, mode, 0)).startsWith("ip address add fd09::1/64");

        assertThat(inside("address show dev tun")).contains("fd09::1/64");
    }
}
