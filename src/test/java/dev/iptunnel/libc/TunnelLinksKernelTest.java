package dev.iptunnel.libc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.link.InetConf;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.message.NetlinkException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tunnels made by rtnetlink, beside the same made by ioctl: as root, on a kernel with ipip, sit and ip6_tunnel. */
@Tag("kernel")
class TunnelLinksKernelTest {
    private static final String NAME = "kt-made";
    private static final Inet4Address LOCAL = Inet4Address.ofLiteral("192.0.2.1");
    private static final Inet4Address REMOTE = Inet4Address.ofLiteral("192.0.2.2");
    private static final Inet4Address ANY = Inet4Address.ofLiteral("0.0.0.0");
    private static final Inet6Address LOCAL6 = (Inet6Address) Inet6Address.ofLiteral("2001:db8::1");
    private static final Inet6Address REMOTE6 = (Inet6Address) Inet6Address.ofLiteral("2001:db8::2");
    private static final Inet6Address ANY6 = (Inet6Address) Inet6Address.ofLiteral("::");

    private final Rtnetlink rtnetlink = new Rtnetlink(NetlinkSocket.open());
    private final TunnelIoctl tunnels = new TunnelIoctl();

    @BeforeEach
    void removeTunnel() {
        rtnetlink.link(NAME).ifPresent(link -> rtnetlink.deleteLink(link.index()));
    }

    @AfterEach
    void removeTunnelAndClose() {
        removeTunnel();
        tunnels.close();
        rtnetlink.close();
    }

    static Stream<Arguments> tunnels() {
        int df = IpTunnelParm.IP_DF;
        return Stream.of(
                Arguments.of("tunl0", new IpTunnelParm(NAME, 1, 0x10, df, 64, 4, LOCAL, REMOTE)),
                Arguments.of("tunl0", new IpTunnelParm(NAME, 0, 1, 0, 0, 4, LOCAL, ANY)),
                Arguments.of("sit0", new IpTunnelParm(NAME, 1, 1, df, 255, 41, LOCAL, REMOTE)),
                Arguments.of("sit0", new IpTunnelParm(NAME, 0, 0xfc, 0, 0, 41, ANY, REMOTE)),
                Arguments.of("sit0", new IpTunnelParm(NAME, 0, 1, 0, 0, 0, 0, df, 64, 41, LOCAL, ANY)),
                Arguments.of("ip6tnl0", new Ip6TnlParm2(NAME, 1, 41, 3, 62, 0x20 << 20 | 0x12345, 0, LOCAL6, REMOTE6)),
                Arguments.of("ip6tnl0", new Ip6TnlParm2(NAME, 0, 4, 0, 0, 0, 7, LOCAL6, ANY6)),
                Arguments.of("ip6tnl0", new Ip6TnlParm2(NAME, 0, 0, 255, 255, 0xfffff, 2, ANY6, REMOTE6)));
    }

    @ParameterizedTest
    @MethodSource("tunnels")
    void a_tunnel_made_by_rtnetlink_equals_that_made_by_ioctl(String baseDevice, TunnelParm parameters) {
        tunnels.add(baseDevice, parameters);
        Link byIoctl = link();
        removeTunnel();

        rtnetlink.addTunnelLink(
                NAME, 0, byIoctl.kind().orElseThrow(), byIoctl.tunnel().orElseThrow());

        Link byRtnetlink = link();
        assertThat(byRtnetlink)
                .usingRecursiveComparison()
                .ignoringFields("index")
                .isEqualTo(byIoctl);
        assertThat(byRtnetlink.tunnel()).isEqualTo(byIoctl.tunnel());
        assertThat(byRtnetlink.unknown()).isEqualTo(byIoctl.unknown());
    }

    @ParameterizedTest
    @MethodSource("tunnels")
    void endpoints_and_names_that_exist_are_eexist(String baseDevice, TunnelParm parameters) {
        tunnels.add(baseDevice, parameters);
        Link there = link();

        for (String name : new String[] {NAME, "kt-second"}) {
            assertThatExceptionOfType(NetlinkException.class)
                    .isThrownBy(() -> rtnetlink.addTunnelLink(
                            name, 0, there.kind().orElseThrow(), there.tunnel().orElseThrow()))
                    .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EEXIST))
                    .satisfies(e -> assertThat(e.interfaceName()).hasValue(name));
        }
        assertThat(rtnetlink.link("kt-second")).isEmpty();
    }

    @Test
    void a_reverse_path_filter_is_set_and_reads_back() throws Exception {
        tunnels.add("tunl0", new IpTunnelParm(NAME, 0, 0, 0, 0, 4, LOCAL, REMOTE));
        Path sysctl = Path.of("/proc/sys/net/ipv4/conf", NAME, "rp_filter");

        for (int filter : new int[] {2, 1, 0}) {
            rtnetlink.setInetConf(link().index(), InetConf.RP_FILTER, filter);

            assertThat(link().reversePathFilter()).isEqualTo(OptionalInt.of(filter));
            assertThat(Files.readString(sysctl).strip()).isEqualTo(Integer.toString(filter));
        }
    }

    private Link link() {
        return rtnetlink.link(NAME).orElseThrow();
    }
}
