package dev.iptunnel.kernel.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.netlink.link.Encapsulation;
import dev.iptunnel.netlink.link.Inet6Settings;
import dev.iptunnel.netlink.link.Ip4TunnelAttributes;
import dev.iptunnel.netlink.link.Ip6TunnelAttributes;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.link.OperState;
import dev.iptunnel.netlink.link.TunnelAttributes;
import dev.iptunnel.netlink.route.Address;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.ObservedLink.UnmanagedSetting;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelParameters;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObservedLinksTest {
    private static final Encapsulation PLAIN = new Encapsulation(Encapsulation.NONE, 0, 0, 0);
    private static final Inet4Address LOCAL4 = (Inet4Address) IpFamily.IPV4.parse("192.0.2.1");
    private static final Inet4Address REMOTE4 = (Inet4Address) IpFamily.IPV4.parse("192.0.2.2");
    private static final Inet6Address LOCAL6 = (Inet6Address) IpFamily.IPV6.parse("2001:db8::1");
    private static final Inet6Address REMOTE6 = (Inet6Address) IpFamily.IPV6.parse("2001:db8::2");

    private static Link link(String kind, Optional<TunnelAttributes> tunnel) {
        return new Link(
                7,
                "t",
                List.of(),
                768,
                1,
                OperState.UNKNOWN,
                1480,
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                0,
                Optional.of("an alias"),
                Optional.of(kind),
                tunnel,
                OptionalInt.of(2),
                Optional.empty(),
                OptionalInt.empty(),
                Inet6Settings.NONE,
                List.of());
    }

    private static TunnelAttributes ip4(int flags, int fwmark, Encapsulation encapsulation, boolean external) {
        return new Ip4TunnelAttributes(
                LOCAL4,
                REMOTE4,
                3,
                64,
                1,
                true,
                4,
                flags,
                fwmark,
                encapsulation,
                external,
                Optional.empty(),
                List.of());
    }

    private static TunnelAttributes ip6(int flowinfo, int flags) {
        return new Ip6TunnelAttributes(LOCAL6, REMOTE6, 3, 64, 4, flowinfo, flags, 41, 0, PLAIN, false, List.of());
    }

    @Test
    void have_the_parameters_of_an_ipv4_tunnel() {
        // when
        ObservedLink link = ObservedLinks.of(link("ipip", Optional.of(ip4(0, 0, PLAIN, false))));

        // then
        assertThat(link)
                .isEqualTo(ObservedLink.builder(7, "t")
                        .alias("an alias")
                        .operState("UNKNOWN")
                        .mtu(1480)
                        .reversePathFilter(OptionalInt.of(2))
                        .tunnel(Optional.of(new TunnelParameters(
                                TunnelDriver.IPIP,
                                4,
                                LOCAL4,
                                REMOTE4,
                                3,
                                64,
                                OptionalInt.empty(),
                                true,
                                OptionalInt.empty(),
                                OptionalInt.of(0))))
                        .build());
    }

    @ParameterizedTest
    @CsvSource({"0x1, -1", "0x0, 4", "0x10001, -1", "0x30000, 4"})
    void have_the_encapsulation_limit_unless_a_flag_ignores_it(String flags, int expected) {
        // given
        Link link = link("ip6tnl", Optional.of(ip6(0, Integer.decode(flags))));

        // when
        ObservedLink observed = ObservedLinks.of(link);

        // then
        assertThat(observed.tunnel().orElseThrow().encapsulationLimit().orElse(-1))
                .isEqualTo(expected);
        assertThat(observed.unmanaged()).isEmpty();
    }

    @Test
    void split_the_flow_information() {
        // given
        Link link = link("ip6tnl", Optional.of(ip6(0xb8 << 20 | 0x12345, 1)));

        // when
        TunnelParameters parameters = ObservedLinks.of(link).tunnel().orElseThrow();

        // then
        assertThat(parameters.tos()).hasValue(0xb8);
        assertThat(parameters.flowLabel()).hasValue(0x12345);
    }

    @Test
    void name_settings_that_an_iptunnel_cannot_express() {
        // given
        Encapsulation gue = new Encapsulation(Encapsulation.GUE, 0, 0, 5555);
        Link ip4 = link("sit", Optional.of(ip4(1, 0x10, gue, true)));

        // when
        List<UnmanagedSetting> unmanaged = ObservedLinks.of(ip4).unmanaged();

        // then
        assertThat(unmanaged)
                .containsExactly(
                        new UnmanagedSetting("external", false),
                        new UnmanagedSetting("fwmark 0x10", true),
                        new UnmanagedSetting("encap gue", false),
                        new UnmanagedSetting("isatap", false));
    }

    @Test
    void have_what_an_ipv6_tunnel_inherits() {
        // given
        Link ip6 = link("ip6tnl", Optional.of(ip6(0, 0x1 | 0x2 | 0x4 | 0x8)));

        // when
        ObservedLink observed = ObservedLinks.of(ip6);

        // then
        assertThat(observed.tunnel().orElseThrow().tos()).isEmpty();
        assertThat(observed.tunnel().orElseThrow().flowLabel()).isEmpty();
        assertThat(observed.unmanaged()).containsExactly(new UnmanagedSetting("mip6-dev (mip6)", true));
    }

    @Test
    void name_each_flag_that_the_kernel_knows_and_none_of_its_own() {
        // given
        Link ip6 = link("ip6tnl", Optional.of(ip6(0, 0x7007f)));

        // when
        List<UnmanagedSetting> unmanaged = ObservedLinks.of(ip6).unmanaged();

        // then
        assertThat(unmanaged)
                .containsExactly(
                        new UnmanagedSetting("mip6-dev (mip6)", true),
                        new UnmanagedSetting("rcv-dscp-copy (dscp inherit)", true),
                        new UnmanagedSetting("use-orig-fwmark (fwmark inherit)", true),
                        new UnmanagedSetting("allow-local-remote (allow-localremote)", true));
    }

    @Test
    void have_no_tunnel_where_the_interface_is_of_another_kind() {
        // when
        ObservedLink observed = ObservedLinks.of(link("dummy", Optional.empty()));

        // then
        assertThat(observed.tunnel()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"173, true", "84, false", "2, false", "0, false", "-1, false"})
    void take_an_address_for_ours_only_by_its_protocol_number(int protocol, boolean ours) {
        // given
        Address address = new Address(
                7,
                IpFamily.IPV4.parse("10.7.0.1"),
                Optional.empty(),
                30,
                0,
                0,
                Optional.of("t"),
                protocol < 0 ? OptionalInt.empty() : OptionalInt.of(protocol),
                OptionalInt.empty(),
                false,
                List.of());

        // when
        ObservedLink observed = ObservedLinks.of(link("dummy", Optional.empty()), List.of(address), List.of());

        // then
        assertThat(observed.addresses().getFirst().ours()).isEqualTo(ours);
        assertThat(observed.addresses().getFirst().prefix()).hasToString("10.7.0.1/30");
    }
}
