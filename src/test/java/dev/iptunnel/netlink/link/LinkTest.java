package dev.iptunnel.netlink.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.netlink.Capture;
import dev.iptunnel.netlink.message.Attribute;
import dev.iptunnel.netlink.message.AttributeReader;
import dev.iptunnel.netlink.message.MessageBuilder;
import dev.iptunnel.netlink.message.MessageType;
import dev.iptunnel.netlink.message.NetlinkMessage;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Expected values are those that {@code ip -d -j link} printed of the same links. */
class LinkTest {
    @Test
    void an_ipip_tunnel_of_iproute2_decodes() {
        Link link = decode("link-ipip1");

        assertThat(link.index()).isEqualTo(6);
        assertThat(link.name()).isEqualTo("ipip1");
        assertThat(link.arphrdType()).isEqualTo(768);
        assertThat(link.up()).isTrue();
        assertThat(link.operState()).isEqualTo(OperState.UNKNOWN);
        assertThat(link.mtu()).isEqualTo(1400);
        assertThat(link.parent()).hasValue(5);
        assertThat(link.linkNetnsid()).isEmpty();
        assertThat(link.master()).isEmpty();
        assertThat(link.group()).isZero();
        assertThat(link.alias()).hasValue("iptunnel example alias");
        assertThat(link.kind()).hasValue("ipip");
        Ip4TunnelAttributes tunnel = ip4(link);
        assertThat(tunnel.local()).isEqualTo(InetAddress.ofLiteral("192.0.2.1"));
        assertThat(tunnel.remote()).isEqualTo(InetAddress.ofLiteral("192.0.2.2"));
        assertThat(tunnel.link()).isEqualTo(5);
        assertThat(tunnel.ttl()).isEqualTo(64);
        assertThat(tunnel.tos()).isEqualTo(0x10);
        assertThat(tunnel.pathMtuDiscovery()).isTrue();
        assertThat(tunnel.protocol()).isEqualTo(4);
        assertThat(tunnel.fwmark()).isZero();
        assertThat(tunnel.encapsulation().isNone()).isTrue();
        assertThat(tunnel.collectMetadata()).isFalse();
        assertThat(tunnel.sixRd()).isEmpty();
        assertThat(tunnel.unknown()).isEmpty();
    }

    @Test
    void a_sit_tunnel_of_iproute2_decodes() {
        Link link = decode("link-sit1");

        assertThat(link.kind()).hasValue("sit");
        assertThat(link.up()).isFalse();
        assertThat(link.parent()).isEmpty();
        Ip4TunnelAttributes tunnel = ip4(link);
        assertThat(tunnel.remote()).isEqualTo(InetAddress.ofLiteral("192.0.2.3"));
        assertThat(tunnel.ttl()).isEqualTo(63);
        assertThat(tunnel.tos()).isEqualTo(1);
        assertThat(tunnel.protocol()).isEqualTo(41);
        assertThat(tunnel.flags()).isZero();
    }

    @Test
    void an_ip6ip6_tunnel_of_iproute2_decodes() {
        Ip6TunnelAttributes tunnel = ip6(decode("link-ip6ip6"));

        assertThat(tunnel.local()).isEqualTo(InetAddress.ofLiteral("2001:db8::1"));
        assertThat(tunnel.remote()).isEqualTo(InetAddress.ofLiteral("2001:db8::2"));
        assertThat(tunnel.link()).isEqualTo(5);
        assertThat(tunnel.ttl()).isEqualTo(62);
        assertThat(tunnel.encapLimit()).isEqualTo(3);
        assertThat(tunnel.flowinfo()).isEqualTo(0x20 << 20 | 0x12345);
        assertThat(tunnel.flags() & 0x7f).isZero();
        assertThat(tunnel.protocol()).isEqualTo(41);
        assertThat(tunnel.unknown()).isEmpty();
    }

    @Test
    void an_ipip6_tunnel_of_iproute2_decodes() {
        Link link = decode("link-ipip6");
        Ip6TunnelAttributes tunnel = ip6(link);

        assertThat(link.mtu()).isEqualTo(1460);
        assertThat(tunnel.protocol()).isEqualTo(4);
        assertThat(tunnel.flags() & 0x7f).isEqualTo(1);
        assertThat(tunnel.link()).isZero();
    }

    @Test
    void an_external_tunnel_has_any_for_endpoints() {
        Ip6TunnelAttributes tunnel = ip6(decode("link-ext1"));

        assertThat(tunnel.collectMetadata()).isTrue();
        assertThat(tunnel.local()).isInstanceOf(Inet6Address.class).isEqualTo(InetAddress.ofLiteral("::"));
        assertThat(tunnel.remote()).isEqualTo(InetAddress.ofLiteral("::"));
    }

    @Test
    void a_tunnel_without_path_mtu_discovery_decodes() {
        Ip4TunnelAttributes tunnel = ip4(decode("link-any2"));

        assertThat(tunnel.pathMtuDiscovery()).isFalse();
        assertThat(tunnel.local().isAnyLocalAddress()).isTrue();
        assertThat(tunnel.ttl()).isZero();
    }

    @Test
    void a_firewall_mark_decodes() {
        assertThat(ip4(decode("link-mark1")).fwmark()).isEqualTo(7);
    }

    @Test
    void the_isatap_flag_decodes() {
        assertThat(ip4(decode("link-isat1")).flags()).isEqualTo(1);
    }

    @Test
    void a_tunnel_from_another_network_namespace_has_its_id() {
        Link link = decode("link-moved1");

        assertThat(link.linkNetnsid()).hasValue(0);
        assertThat(link.parent()).hasValue(5);
        assertThat(link.alias()).hasValue("moved");
    }

    @Test
    void the_reverse_path_filter_decodes() {
        assertThat(decode("link-rp-filter").reversePathFilter()).hasValue(2);
        assertThat(decode("link-ipip1").reversePathFilter()).hasValue(0);
    }

    @Test
    void every_attribute_of_linux_6_1_is_decoded_or_ignored_on_purpose() {
        List<String> captures = List.of(
                "link-ipip1",
                "link-sit1",
                "link-ip6ip6",
                "link-ipip6",
                "link-ext1",
                "link-any2",
                "link-mark1",
                "link-rp-filter");

        assertThat(captures)
                .allSatisfy(name -> assertThat(decode(name).unknown()).isEmpty());
    }

    @Test
    void unknown_attributes_are_kept() {
        byte[] datagram = new MessageBuilder(MessageType.RTM_NEWLINK, 0)
                .u32(0)
                .u32(9)
                .u32(0)
                .u32(0)
                .attribute(LinkAttribute.IFLA_IFNAME, "x")
                .attribute(LinkAttribute.IFLA_MTU, 1500)
                .attributeU8(16, 6)
                .attribute(999, new byte[] {1, 2, 3})
                .build(1);

        Link link = LinkDecoder.decode(NetlinkMessage.split(datagram).getFirst());

        assertThat(link.unknown()).containsExactly(new Attribute(999, new byte[] {1, 2, 3}));
    }

    /** Composed from linux/if_tunnel.h: the kernel that the captures come from has neither FOU nor 6rd. */
    @Test
    void encapsulation_and_6rd_and_unknown_attributes_decode() {
        byte[] data = HexFormat.of()
                .parseHex("06000f0001000000" + "0600100003000000" + "0600110015b30000" + "0600120015b40000"
                        + "14000b0020010db8010000000000000000000000" + "08000c00c0000000" + "06000d0028000000"
                        + "06000e0008000000" + "0800e70000000001");

        Ip4TunnelAttributes tunnel =
                (Ip4TunnelAttributes) TunnelAttributesDecoder.decode("sit", new AttributeReader(ByteBuffer.wrap(data)))
                        .orElseThrow();

        assertThat(tunnel.encapsulation()).isEqualTo(new Encapsulation(Encapsulation.FOU, 3, 5555, 5556));
        SixRd sixRd = tunnel.sixRd().orElseThrow();
        assertThat(sixRd.prefix()).isEqualTo(InetAddress.ofLiteral("2001:db8:100::"));
        assertThat(sixRd.prefixLength()).isEqualTo(40);
        assertThat(sixRd.relayPrefix()).isEqualTo(InetAddress.ofLiteral("192.0.0.0"));
        assertThat(sixRd.relayPrefixLength()).isEqualTo(8);
        assertThat(sixRd.isDefault()).isFalse();
        assertThat(tunnel.unknown()).containsExactly(new Attribute(231, new byte[] {0, 0, 0, 1}));
    }

    @Test
    void counters_do_not_make_links_unequal() {
        NetlinkMessage message = Capture.of("link-ipip1").answer();
        byte[] copy = Capture.of("link-ipip1").received().getFirst();
        int statistics = indexOf(copy, new byte[] {(byte) 0xcc, 0, 23, 0});
        copy[statistics + 4] ^= 1;

        Link changed = LinkDecoder.decode(NetlinkMessage.split(copy).getFirst());

        assertThat(changed).isEqualTo(LinkDecoder.decode(message));
    }

    @Test
    void a_bridge_port_message_is_not_about_the_link() {
        byte[] datagram = new MessageBuilder(MessageType.RTM_DELLINK, 0)
                .u32(7)
                .u32(5)
                .u32(0)
                .u32(0)
                .build(0);

        assertThat(LinkDecoder.isLink(NetlinkMessage.split(datagram).getFirst()))
                .isFalse();
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        return HexFormat.of().formatHex(bytes).indexOf(HexFormat.of().formatHex(part)) / 2;
    }

    private static Link decode(String capture) {
        return LinkDecoder.decode(Capture.of(capture).answer());
    }

    private static Ip4TunnelAttributes ip4(Link link) {
        return (Ip4TunnelAttributes) link.tunnel().orElseThrow();
    }

    private static Ip6TunnelAttributes ip6(Link link) {
        return (Ip6TunnelAttributes) link.tunnel().orElseThrow();
    }
}
