package dev.iptunnel.libc;

import static dev.iptunnel.libc.IpCommand.ip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.netlink.LinkChanges;
import dev.iptunnel.netlink.NetlinkWatch;
import dev.iptunnel.netlink.Notification;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.link.Encapsulation;
import dev.iptunnel.netlink.link.Ip4TunnelAttributes;
import dev.iptunnel.netlink.link.Ip6TunnelAttributes;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.link.LinkChange;
import dev.iptunnel.netlink.link.TunnelAttributes;
import dev.iptunnel.netlink.message.MulticastGroup;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.netlink.route.Address;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Tunnels made by ip(8), read and changed by rtnetlink and ioctl. Runs as root on Linux 5.18 or later, with ipip, sit
 * and ip6_tunnel.
 */
@Tag("kernel")
class RtnetlinkKernelTest {
    private static final Inet4Address LOCAL = address("192.0.2.1");
    private static final Inet4Address REMOTE = address("192.0.2.2");
    private static final Inet6Address LOCAL6 = address6("2001:db8::1");
    private static final Inet6Address REMOTE6 = address6("2001:db8::2");
    private static final List<String> NAMES = List.of("kt-ipip", "kt-sit", "kt-ip6ip6", "kt-ipip6", "kt-new");

    private final Rtnetlink rtnetlink = new Rtnetlink(NetlinkSocket.open());
    private final TunnelIoctl tunnels = new TunnelIoctl();

    @BeforeEach
    void removeTunnels() {
        IpCommand.deleteLinks(NAMES);
    }

    @AfterEach
    void removeTunnelsAndClose() {
        removeTunnels();
        tunnels.close();
        rtnetlink.close();
    }

    @Test
    void an_ipip_tunnel_reads_back() {
        ip("tunnel add kt-ipip mode ipip local 192.0.2.1 remote 192.0.2.2 dev lo ttl 64 tos 0x10");

        Link link = link("kt-ipip");

        assertThat(link.kind()).hasValue("ipip");
        assertThat(link.up()).isFalse();
        Ip4TunnelAttributes info = (Ip4TunnelAttributes) link.tunnel().orElseThrow();
        assertThat(info.local()).isEqualTo(LOCAL);
        assertThat(info.remote()).isEqualTo(REMOTE);
        assertThat(info.link()).isEqualTo(1);
        assertThat(link.parent()).hasValue(1);
        assertThat(info.ttl()).isEqualTo(64);
        assertThat(info.tos()).isEqualTo(0x10);
        assertThat(info.pathMtuDiscovery()).isTrue();
        assertThat(info.protocol()).isEqualTo(4);
        assertThat(rtnetlink.links("ipip")).contains(link);
    }

    @Test
    void a_sit_tunnel_reads_back() {
        ip("tunnel add kt-sit mode sit local 192.0.2.1 remote 192.0.2.2 tos inherit nopmtudisc");

        Ip4TunnelAttributes info = (Ip4TunnelAttributes) link("kt-sit").tunnel().orElseThrow();

        assertThat(info.tos()).isEqualTo(1);
        assertThat(info.ttl()).isZero();
        assertThat(info.pathMtuDiscovery()).isFalse();
        assertThat(info.protocol()).isEqualTo(41);
        assertThat(info.flags()).isZero();
    }

    @Test
    void an_isatap_flag_reads_back() {
        ip("tunnel add kt-sit mode isatap local 192.0.2.1");

        Ip4TunnelAttributes info = (Ip4TunnelAttributes) link("kt-sit").tunnel().orElseThrow();

        assertThat(info.flags()).isEqualTo(1);
    }

    @Test
    void an_ip6ip6_tunnel_reads_back() {
        ip("-6 tunnel add kt-ip6ip6 mode ip6ip6 local 2001:db8::1 remote 2001:db8::2 dev lo"
                + " hoplimit 62 encaplimit 3 tclass 0x20 flowlabel 0x12345");

        Ip6TunnelAttributes info =
                (Ip6TunnelAttributes) link("kt-ip6ip6").tunnel().orElseThrow();

        assertThat(info.local()).isEqualTo(LOCAL6);
        assertThat(info.remote()).isEqualTo(REMOTE6);
        assertThat(info.link()).isEqualTo(1);
        assertThat(info.ttl()).isEqualTo(62);
        assertThat(info.encapLimit()).isEqualTo(3);
        assertThat(info.flowinfo()).isEqualTo(0x20 << 20 | 0x12345);
        assertThat(info.flags() & 0x7f).isZero();
        assertThat(info.protocol()).isEqualTo(41);
    }

    @Test
    void an_ipip6_tunnel_reads_back() {
        ip("-6 tunnel add kt-ipip6 mode ipip6 local 2001:db8::1 remote 2001:db8::2 hoplimit 61 encaplimit none");

        Ip6TunnelAttributes info =
                (Ip6TunnelAttributes) link("kt-ipip6").tunnel().orElseThrow();

        assertThat(info.protocol()).isEqualTo(4);
        assertThat(info.flags() & 0x7f).isEqualTo(Ip6TunnelAttributes.IP6_TNL_F_IGN_ENCAP_LIMIT);
    }

    @Test
    void a_change_happens_in_place() {
        makeIpip();
        int index = link("kt-ipip").index();

        tunnels.change("kt-ipip", ipip(address("192.0.2.77")));

        Link changed = link("kt-ipip");
        assertThat(changed.index()).isEqualTo(index);
        assertThat(changed.tunnel().orElseThrow().remote()).isEqualTo(address("192.0.2.77"));
    }

    @Test
    void a_change_to_the_endpoints_of_another_tunnel_is_eexist_of_the_interface() {
        makeIpip();
        ip("tunnel add kt-new mode ipip local 192.0.2.1 remote 192.0.2.77 dev lo");

        assertThatExceptionOfType(LibcException.class)
                .isThrownBy(() -> tunnels.change("kt-ipip", ipip(address("192.0.2.77"))))
                .withMessage("SIOCCHGTUNNEL kt-ipip: EEXIST (File exists)");
    }

    @Test
    void a_deleted_tunnel_is_gone() {
        makeIpip();

        tunnels.delete("kt-ipip");

        assertThat(rtnetlink.link("kt-ipip")).isEmpty();
    }

    @Test
    void the_fallback_devices_are_not_deleted() {
        for (String name : List.of("tunl0", "sit0", "ip6tnl0")) {
            assertThatExceptionOfType(LibcException.class)
                    .isThrownBy(() -> tunnels.delete(name))
                    .withMessage("SIOCDELTUNNEL " + name + ": EPERM (Operation not permitted)");
            assertThat(rtnetlink.link(name)).isPresent();
        }
    }

    @Test
    void alias_mtu_and_up_are_set_in_one_message() {
        makeIpip();
        int index = link("kt-ipip").index();

        rtnetlink.changes().setLink(index, change("äöü mark", OptionalInt.of(1300), true));

        Link link = link("kt-ipip");
        assertThat(link.alias()).hasValue("äöü mark");
        assertThat(link.mtu()).isEqualTo(1300);
        assertThat(link.up()).isTrue();
        rtnetlink.changes().setLink(index, change("", OptionalInt.empty(), false));
        assertThat(link("kt-ipip").alias()).isEmpty();
        assertThat(link("kt-ipip").up()).isFalse();
        assertThat(link("kt-ipip").mtu()).isEqualTo(1300);
    }

    private static LinkChange change(String alias, OptionalInt mtu, boolean up) {
        return new LinkChange(Optional.empty(), Optional.of(alias), mtu, Optional.of(up), OptionalInt.empty());
    }

    @Test
    void a_link_is_renamed() {
        makeIpip();
        int index = link("kt-ipip").index();

        rtnetlink.changes().setLink(index, LinkChange.rename("kt-new"));

        assertThat(link("kt-new").index()).isEqualTo(index);
    }

    @Test
    void the_exception_has_the_explanation_of_the_kernel() {
        makeIpip();

        assertThatExceptionOfType(NetlinkException.class)
                .isThrownBy(() -> rtnetlink.changes().setLink(link("kt-ipip").index(), LinkChanges.mtu(9_999_999)))
                .withMessage("RTM_SETLINK: EINVAL (Invalid argument): mtu greater than device maximum");
    }

    @Test
    void an_address_reads_back_with_its_protocol() {
        makeIpip();
        int index = link("kt-ipip").index();
        rtnetlink.changes().setLink(index, LinkChanges.up());

        rtnetlink.changes().addAddress(index, address("198.51.100.1"), Optional.empty(), 30, OptionalInt.of(0x99));
        rtnetlink
                .changes()
                .addAddress(
                        index,
                        address("198.51.100.9"),
                        Optional.of(address("198.51.100.10")),
                        32,
                        OptionalInt.of(0x99));
        rtnetlink.changes().addAddress(index, address6("2001:db8:9::1"), Optional.empty(), 64, OptionalInt.of(0x99));

        List<Address> ours = rtnetlink.addresses(index).stream()
                .filter(address -> address.protocol().equals(OptionalInt.of(0x99)))
                .toList();
        assertThat(ours)
                .extracting(Address::address)
                .containsExactlyInAnyOrder(address("198.51.100.1"), address("198.51.100.9"), address6("2001:db8:9::1"));
        assertThat(ours).extracting(Address::peer).contains(Optional.of(address("198.51.100.10")));
        rtnetlink.changes().deleteAddress(index, address("198.51.100.9"), Optional.of(address("198.51.100.10")), 32);
        rtnetlink.changes().deleteAddress(index, address("198.51.100.1"), Optional.empty(), 30);
        rtnetlink.changes().deleteAddress(index, address6("2001:db8:9::1"), Optional.empty(), 64);
        assertThat(rtnetlink.addresses(index)).noneMatch(ours::contains);
        assertThatExceptionOfType(NetlinkException.class)
                .isThrownBy(
                        () -> rtnetlink.changes().deleteAddress(index, address("198.51.100.1"), Optional.empty(), 30))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EADDRNOTAVAIL));
    }

    @Test
    void a_watch_is_notified_of_a_tunnel_that_is_added_and_deleted() {
        try (NetlinkWatch watch = new NetlinkWatch(
                NetlinkSocket.open(MulticastGroup.LINK, MulticastGroup.IPV4_IFADDR, MulticastGroup.IPV6_IFADDR))) {
            makeIpip();
            Link link = link("kt-ipip");
            rtnetlink
                    .changes()
                    .addAddress(link.index(), address("198.51.100.1"), Optional.empty(), 30, OptionalInt.empty());
            tunnels.delete("kt-ipip");

            List<Notification> notified = new ArrayList<>();
            for (Optional<Notification> next = watch.next(Duration.ofSeconds(5));
                    next.isPresent();
                    next = watch.next(Duration.ofMillis(200))) {
                notified.add(next.get());
            }

            // The kernel notifies before IPv6 has made its settings.
            assertThat(notified)
                    .filteredOn(Notification.LinkChanged.class::isInstance)
                    .usingRecursiveFieldByFieldElementComparatorIgnoringFields("link.inet6")
                    .contains(new Notification.LinkChanged(link));
            assertThat(notified).anyMatch(Notification.AddressAdded.class::isInstance);
            assertThat(notified).anyMatch(Notification.AddressDeleted.class::isInstance);
            assertThat(notified.getLast()).isInstanceOf(Notification.LinkDeleted.class);
        }
    }

    @Test
    void a_watch_that_is_not_read_reports_an_overrun() {
        try (NetlinkWatch watch = new NetlinkWatch(NetlinkSocket.open(MulticastGroup.LINK))) {
            makeIpip();
            int index = link("kt-ipip").index();
            for (int i = 0; i < 10_000; i++) {
                rtnetlink.changes().setLink(index, LinkChanges.mtu(1300 + i % 2));
            }

            assertThat(watch.next(Duration.ZERO)).hasValue(new Notification.Overrun());
            assertThat(watch.next(Duration.ZERO)).containsInstanceOf(Notification.LinkChanged.class);
        }
    }

    private Link link(String name) {
        return rtnetlink.link(name).orElseThrow();
    }

    private static void makeIpip() {
        ip("tunnel add kt-ipip mode ipip local 192.0.2.1 remote 192.0.2.2 dev lo");
    }

    private static TunnelAttributes ipip(Inet4Address remote) {
        return new Ip4TunnelAttributes(
                LOCAL,
                remote,
                1,
                64,
                0x10,
                true,
                4,
                0,
                0,
                new Encapsulation(Encapsulation.NONE, 0, 0, 0),
                false,
                Optional.empty(),
                List.of());
    }

    private static Inet4Address address(String literal) {
        return Inet4Address.ofLiteral(literal);
    }

    private static Inet6Address address6(String literal) {
        return (Inet6Address) Inet6Address.ofLiteral(literal);
    }
}
