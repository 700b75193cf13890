package dev.iptunnel.netlink.link;

import static dev.iptunnel.netlink.message.MessageType.RTM_DELLINKPROP;
import static dev.iptunnel.netlink.message.MessageType.RTM_GETLINK;
import static dev.iptunnel.netlink.message.MessageType.RTM_NEWLINK;
import static dev.iptunnel.netlink.message.MessageType.RTM_SETLINK;
import static dev.iptunnel.netlink.message.NetlinkMessage.NLM_F_ACK;
import static dev.iptunnel.netlink.message.NetlinkMessage.NLM_F_CREATE;
import static dev.iptunnel.netlink.message.NetlinkMessage.NLM_F_DUMP;
import static dev.iptunnel.netlink.message.NetlinkMessage.NLM_F_EXCL;

import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.message.MessageBuilder;
import dev.iptunnel.netlink.message.MessageType;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Requests about links, as iproute2 makes them. */
public final class LinkRequests {
    private static final int AF_UNSPEC = 0;
    private static final int RTEXT_FILTER_SKIP_STATS = 8;

    /** IFNAMSIZ without the zero byte: IFLA_IFNAME takes no longer name. Both attributes find alternative names. */
    private static final int LONGEST_NAME = 15;

    private LinkRequests() {}

    public static MessageBuilder get(String name) {
        return get(0, 0)
                .attribute(
                        name.getBytes(StandardCharsets.UTF_8).length <= LONGEST_NAME
                                ? LinkAttribute.IFLA_IFNAME
                                : LinkAttribute.IFLA_ALT_IFNAME,
                        name);
    }

    public static MessageBuilder get(int index) {
        return get(0, index);
    }

    public static MessageBuilder dump() {
        return get(NLM_F_DUMP, 0);
    }

    public static MessageBuilder dump(String kind) {
        return dump().nested(LinkAttribute.IFLA_LINKINFO, info -> info.attribute(LinkAttribute.IFLA_INFO_KIND, kind));
    }

    /** With the counters, which the other requests leave out. */
    public static MessageBuilder statistics(int index) {
        return request(RTM_GETLINK, 0, index, 0, 0);
    }

    /** The same of every link. */
    public static MessageBuilder statistics() {
        return request(RTM_GETLINK, NLM_F_DUMP, 0, 0, 0);
    }

    private static MessageBuilder get(int flags, int index) {
        return request(RTM_GETLINK, flags, index, 0, 0).attribute(LinkAttribute.IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    }

    public static MessageBuilder addTunnel(String name, int group, String kind, TunnelAttributes attributes) {
        return tunnel(
                request(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, 0, 0, 0)
                        .attribute(LinkAttribute.IFLA_IFNAME, name)
                        .attribute(LinkAttribute.IFLA_GROUP, group),
                kind,
                data -> TunnelAttributesEncoder.encode(kind, attributes, data));
    }

    public static MessageBuilder changeTunnel(int index, String kind, TunnelAttributes attributes) {
        return tunnel(request(RTM_NEWLINK, NLM_F_ACK, index, 0, 0), kind, data -> {
            TunnelAttributesEncoder.encode(kind, attributes, data);
            data.attribute(TunnelAttributesDecoder.IFLA_IPTUN_FWMARK, attributes.fwmark());
        });
    }

    private static MessageBuilder tunnel(MessageBuilder request, String kind, Consumer<MessageBuilder> data) {
        return request.nested(LinkAttribute.IFLA_LINKINFO, info -> info.attribute(LinkAttribute.IFLA_INFO_KIND, kind)
                .nested(LinkAttribute.IFLA_INFO_DATA, data));
    }

    public static MessageBuilder set(int index, LinkChange change) {
        int flags = change.up().orElse(false) ? Link.IFF_UP : 0;
        int mask = change.up().isPresent() ? Link.IFF_UP : 0;
        MessageBuilder request = request(RTM_SETLINK, NLM_F_ACK, index, flags, mask);
        change.mtu().ifPresent(mtu -> request.attribute(LinkAttribute.IFLA_MTU, mtu));
        change.group().ifPresent(group -> request.attribute(LinkAttribute.IFLA_GROUP, group));
        change.name().ifPresent(name -> request.attribute(LinkAttribute.IFLA_IFNAME, name));
        change.alias()
                .ifPresent(
                        alias -> request.attribute(LinkAttribute.IFLA_IFALIAS, alias.getBytes(StandardCharsets.UTF_8)));
        return request;
    }

    public static MessageBuilder set(int index, InetConf setting, int value) {
        return request(RTM_SETLINK, NLM_F_ACK, index, 0, 0)
                .nested(
                        LinkAttribute.IFLA_AF_SPEC,
                        families -> families.nested(
                                AddressFamily.IPV4.number,
                                inet -> inet.nested(
                                        LinkAttribute.IFLA_INET_CONF,
                                        settings -> settings.attribute(setting.number, value))));
    }

    public static MessageBuilder setMaster(int index, int master) {
        return request(RTM_SETLINK, NLM_F_ACK, index, 0, 0).attribute(LinkAttribute.IFLA_MASTER, master);
    }

    public static MessageBuilder deleteAlternativeName(int index, String name) {
        return request(RTM_DELLINKPROP, NLM_F_ACK, index, 0, 0)
                .nested(
                        LinkAttribute.IFLA_PROP_LIST,
                        properties -> properties.attribute(LinkAttribute.IFLA_ALT_IFNAME, name));
    }

    /** @param mask of the flags that change */
    private static MessageBuilder request(MessageType type, int requestFlags, int index, int flags, int mask) {
        return new MessageBuilder(type, requestFlags)
                .u32(AF_UNSPEC)
                .u32(index)
                .u32(flags)
                .u32(mask);
    }
}
