package dev.iptunnel.netlink.link;

import dev.iptunnel.netlink.message.MessageBuilder;

/** IFLA_IPTUN_* of {@code linux/if_tunnel.h}: those that the tunnel ioctls can set as well, and no others. */
public final class TunnelAttributesEncoder {
    /** The {@code IP6_TNL_F_*} that are not the kernel's own. */
    private static final int IP6_TNL_F_SETTABLE = 0x7f;

    private TunnelAttributesEncoder() {}

    public static void encode(String kind, TunnelAttributes attributes, MessageBuilder data) {
        if (attributes instanceof Ip6TunnelAttributes != kind.equals("ip6tnl")) {
            throw new IllegalArgumentException("not attributes of " + kind + ": " + attributes);
        }
        data.attributeU8(TunnelAttributesDecoder.IFLA_IPTUN_PROTO, attributes.protocol())
                .attribute(TunnelAttributesDecoder.IFLA_IPTUN_LOCAL, attributes.local())
                .attribute(TunnelAttributesDecoder.IFLA_IPTUN_REMOTE, attributes.remote())
                .attributeU8(TunnelAttributesDecoder.IFLA_IPTUN_TTL, attributes.ttl())
                .attribute(TunnelAttributesDecoder.IFLA_IPTUN_LINK, attributes.link());
        switch (attributes) {
            case Ip4TunnelAttributes ip4 -> {
                data.attributeU8(TunnelAttributesDecoder.IFLA_IPTUN_TOS, ip4.tos())
                        .attributeU8(TunnelAttributesDecoder.IFLA_IPTUN_PMTUDISC, ip4.pathMtuDiscovery() ? 1 : 0);
                if (kind.equals("sit")) {
                    data.attributeU16(TunnelAttributesDecoder.IFLA_IPTUN_FLAGS, ip4.flags());
                }
            }
            case Ip6TunnelAttributes ip6 ->
                data.attributeU8(TunnelAttributesDecoder.IFLA_IPTUN_ENCAP_LIMIT, ip6.encapLimit())
                        .attributeU32BigEndian(TunnelAttributesDecoder.IFLA_IPTUN_FLOWINFO, ip6.flowinfo())
                        .attribute(TunnelAttributesDecoder.IFLA_IPTUN_FLAGS, ip6.flags() & IP6_TNL_F_SETTABLE);
        }
    }
}
