package dev.iptunnel.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.iptunnel.netlink.link.Encapsulation;
import dev.iptunnel.netlink.link.Ip4TunnelAttributes;
import dev.iptunnel.netlink.link.Ip6TunnelAttributes;
import dev.iptunnel.netlink.link.LinkAttribute;
import dev.iptunnel.netlink.link.LinkDecoder;
import dev.iptunnel.netlink.link.TunnelAttributes;
import dev.iptunnel.netlink.link.TunnelAttributesEncoder;
import dev.iptunnel.netlink.message.Attribute;
import dev.iptunnel.netlink.message.AttributeReader;
import dev.iptunnel.netlink.message.MessageBuilder;
import dev.iptunnel.netlink.message.MessageType;
import dev.iptunnel.netlink.message.NetlinkMessage;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RtnetlinkTunnelTest {
    private static final Encapsulation NONE = new Encapsulation(0, 0, 0, 0);
    /** Firewall mark and encapsulation, which iproute2 always sends. */
    private static final List<Integer> NOT_OURS = List.of(15, 16, 17, 18, 20);

    private final ScriptedTransport transport = new ScriptedTransport();
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_INFO_KIND = 1;

    private final Rtnetlink rtnetlink = new Rtnetlink(transport);

    @Test
    void an_ipip_tunnel_is_made_as_iproute2_does_it() {
        Capture capture = Capture.of("add-tunnel-ipip");
        transport.answering(capture);

        rtnetlink.changes().addTunnelLink("ipip1", 0, "ipip", ip4("192.0.2.2", 5, 64, 0x10, true, 4));

        assertSame(transport.sent.getFirst(), capture.sent().getFirst(), "ipip1", "ipip");
    }

    @Test
    void a_sit_tunnel_is_made_as_iproute2_does_it() {
        Capture capture = Capture.of("add-tunnel-sit");
        transport.answering(capture);

        rtnetlink.changes().addTunnelLink("sit1", 0, "sit", ip4("192.0.2.3", 0, 63, 1, true, 41));

        assertSame(transport.sent.getFirst(), capture.sent().getFirst(), "sit1", "sit");
    }

    @Test
    void an_ip6ip6_tunnel_is_made_as_iproute2_does_it() {
        Capture capture = Capture.of("add-tunnel-ip6tnl");
        transport.answering(capture);

        rtnetlink.changes().addTunnelLink("ip6ip6", 0, "ip6tnl", ip6(0));

        assertSame(transport.sent.getFirst(), capture.sent().getFirst(), "ip6ip6", "ip6tnl");
    }

    @Test
    void flags_that_only_the_kernel_sets_are_not_sent() {
        assertThat(encoded("ip6tnl", ip6(0x30001))).isEqualTo(encoded("ip6tnl", ip6(1)));
    }

    @Test
    void attributes_of_the_other_outer_family_are_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        rtnetlink.changes().addTunnelLink("ipip1", 0, "ip6tnl", ip4("192.0.2.2", 5, 64, 0, true, 4)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rtnetlink.changes().addTunnelLink("ip6ip6", 0, "sit", ip6(0)));
    }

    private static void assertSame(byte[] sent, byte[] expected, String name, String kind) {
        NetlinkMessage ours = NetlinkMessage.split(sent).getFirst();
        NetlinkMessage theirs = NetlinkMessage.split(expected).getFirst();
        assertThat(ours.type()).isEqualTo(theirs.type());
        assertThat(ours.flags()).isEqualTo(theirs.flags());
        assertThat(ours.payload().slice(0, LinkDecoder.IFINFOMSG))
                .isEqualTo(theirs.payload().slice(0, LinkDecoder.IFINFOMSG));
        Map<Integer, Attribute> data = data(ours, name, kind);
        Map<Integer, Attribute> theirData = data(theirs, name, kind);
        theirData.keySet().removeAll(NOT_OURS);
        assertThat(data).isEqualTo(theirData);
    }

    /** The attributes in IFLA_INFO_DATA, whose order does not matter. */
    private static Map<Integer, Attribute> data(NetlinkMessage message, String name, String kind) {
        assertThat(found(message.attributes(LinkDecoder.IFINFOMSG), IFLA_IFNAME).string())
                .isEqualTo(name);
        AttributeReader info = found(message.attributes(LinkDecoder.IFINFOMSG), LinkAttribute.IFLA_LINKINFO);
        assertThat(found(info.nested(), IFLA_INFO_KIND).string()).isEqualTo(kind);
        return attributes(found(info.nested(), LinkAttribute.IFLA_INFO_DATA).nested());
    }

    private static AttributeReader found(AttributeReader attributes, int type) {
        while (attributes.next()) {
            if (attributes.type() == type) {
                return attributes;
            }
        }
        throw new AssertionError("no attribute " + type);
    }

    private static Map<Integer, Attribute> encoded(String kind, TunnelAttributes parameters) {
        MessageBuilder message = new MessageBuilder(MessageType.RTM_NEWLINK, 0);
        TunnelAttributesEncoder.encode(kind, parameters, message);
        return attributes(NetlinkMessage.split(message.build(1)).getFirst().attributes(0));
    }

    private static Map<Integer, Attribute> attributes(AttributeReader reader) {
        Map<Integer, Attribute> attributes = new TreeMap<>();
        while (reader.next()) {
            attributes.put(reader.type(), reader.copy());
        }
        return attributes;
    }

    private static Ip4TunnelAttributes ip4(String remote, int link, int ttl, int tos, boolean discovery, int protocol) {
        return new Ip4TunnelAttributes(
                Inet4Address.ofLiteral("192.0.2.1"),
                Inet4Address.ofLiteral(remote),
                link,
                ttl,
                tos,
                discovery,
                protocol,
                0,
                0,
                NONE,
                false,
                Optional.empty(),
                List.of());
    }

    private static Ip6TunnelAttributes ip6(int flags) {
        return new Ip6TunnelAttributes(
                (Inet6Address) Inet6Address.ofLiteral("2001:db8::1"),
                (Inet6Address) Inet6Address.ofLiteral("2001:db8::2"),
                5,
                62,
                3,
                0x20 << 20 | 0x12345,
                flags,
                41,
                0,
                NONE,
                false,
                List.of());
    }
}
