package dev.iptunnel.libc;

import static dev.iptunnel.libc.IpCommand.ip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.link.InetConf;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.message.NetlinkException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares tunnels made by rtnetlink with those made by ip(8), which uses ioctls. Runs as root on a kernel with ipip,
 * sit and ip6_tunnel.
 */
@Tag("kernel")
class TunnelLinksKernelTest {
    private static final String NAME = "kt-made";
    private final Rtnetlink rtnetlink = new Rtnetlink(NetlinkSocket.open());

    @BeforeEach
    void removeTunnel() {
        IpCommand.deleteLinks(List.of(NAME));
    }

    @AfterEach
    void removeTunnelAndClose() {
        removeTunnel();
        rtnetlink.close();
    }

    static Stream<String> tunnels() {
        return Stream.of(
                "tunnel add kt-made mode ipip local 192.0.2.1 remote 192.0.2.2 dev lo ttl 64 tos 0x10",
                "tunnel add kt-made mode ipip local 192.0.2.1 tos inherit nopmtudisc",
                "tunnel add kt-made mode sit local 192.0.2.1 remote 192.0.2.2 dev lo ttl 255 tos inherit",
                "tunnel add kt-made mode sit remote 192.0.2.2 tos 0xfc nopmtudisc",
                "tunnel add kt-made mode isatap local 192.0.2.1 ttl 64",
                "-6 tunnel add kt-made mode ip6ip6 local 2001:db8::1 remote 2001:db8::2 dev lo"
                        + " hoplimit 62 encaplimit 3 tclass 0x20 flowlabel 0x12345",
                "-6 tunnel add kt-made mode ipip6 local 2001:db8::1 hoplimit 0 encaplimit none tclass inherit"
                        + " flowlabel inherit",
                "-6 tunnel add kt-made mode any remote 2001:db8::2 hoplimit 255 encaplimit 255 tclass inherit"
                        + " flowlabel 0xfffff");
    }

    @ParameterizedTest
    @MethodSource("tunnels")
    void a_tunnel_made_by_rtnetlink_equals_that_made_by_ip(String command) {
        ip(command);
        Link byIp = link();
        removeTunnel();

        rtnetlink
                .changes()
                .addTunnelLink(NAME, 0, byIp.kind().orElseThrow(), byIp.tunnel().orElseThrow());

        Link byRtnetlink = link();
        assertThat(byRtnetlink)
                .usingRecursiveComparison()
                .ignoringFields("index")
                .isEqualTo(byIp);
        assertThat(byRtnetlink.tunnel()).isEqualTo(byIp.tunnel());
        assertThat(byRtnetlink.unknown()).isEqualTo(byIp.unknown());
    }

    @ParameterizedTest
    @MethodSource("tunnels")
    void endpoints_and_names_that_exist_are_eexist(String command) {
        ip(command);
        Link there = link();

        for (String name : new String[] {NAME, "kt-second"}) {
            assertThatExceptionOfType(NetlinkException.class)
                    .isThrownBy(() -> rtnetlink
                            .changes()
                            .addTunnelLink(
                                    name,
                                    0,
                                    there.kind().orElseThrow(),
                                    there.tunnel().orElseThrow()))
                    .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EEXIST))
                    .withMessageStartingWith("RTM_NEWLINK " + name + ": ");
        }
        assertThat(rtnetlink.link("kt-second")).isEmpty();
    }

    @Test
    void a_reverse_path_filter_is_set_and_reads_back() throws Exception {
        ip("tunnel add kt-made mode ipip local 192.0.2.1 remote 192.0.2.2");
        Path sysctl = Path.of("/proc/sys/net/ipv4/conf", NAME, "rp_filter");

        for (int filter : new int[] {2, 1, 0}) {
            rtnetlink.changes().setInetConf(link().index(), InetConf.RP_FILTER, filter);

            assertThat(link().reversePathFilter()).isEqualTo(OptionalInt.of(filter));
            assertThat(Files.readString(sysctl).strip()).isEqualTo(Integer.toString(filter));
        }
    }

    private Link link() {
        return rtnetlink.link(NAME).orElseThrow();
    }
}
