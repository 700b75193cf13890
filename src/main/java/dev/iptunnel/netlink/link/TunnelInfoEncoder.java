package dev.iptunnel.netlink.link;

import dev.iptunnel.netlink.message.MessageBuilder;

/** IFLA_IPTUN_* of {@code linux/if_tunnel.h}: what the tunnel ioctls can set as well, and nothing else. */
public final class TunnelInfoEncoder {
    /** Those of {@code IP6_TNL_F_*} that are not the kernel's own. */
    private static final int IP6_TNL_F_SETTABLE = 0x7f;

    private TunnelInfoEncoder() {}

    public static void encode(String kind, TunnelInfo parameters, MessageBuilder data) {
        if (parameters instanceof Ip6TunnelInfo != kind.equals("ip6tnl")) {
            throw new IllegalArgumentException("not parameters of " + kind + ": " + parameters);
        }
        data.attributeU8(TunnelInfoDecoder.IFLA_IPTUN_PROTO, parameters.protocol())
                .attribute(TunnelInfoDecoder.IFLA_IPTUN_LOCAL, parameters.local())
                .attribute(TunnelInfoDecoder.IFLA_IPTUN_REMOTE, parameters.remote())
                .attributeU8(TunnelInfoDecoder.IFLA_IPTUN_TTL, parameters.ttl())
                .attribute(TunnelInfoDecoder.IFLA_IPTUN_LINK, parameters.link());
        switch (parameters) {
            case Ip4TunnelInfo ip4 -> {
                data.attributeU8(TunnelInfoDecoder.IFLA_IPTUN_TOS, ip4.tos())
                        .attributeU8(TunnelInfoDecoder.IFLA_IPTUN_PMTUDISC, ip4.pathMtuDiscovery() ? 1 : 0);
                if (kind.equals("sit")) {
                    data.attributeU16(TunnelInfoDecoder.IFLA_IPTUN_FLAGS, ip4.flags());
                }
            }
            case Ip6TunnelInfo ip6 ->
                data.attributeU8(TunnelInfoDecoder.IFLA_IPTUN_ENCAP_LIMIT, ip6.encapLimit())
                        .attributeU32BigEndian(TunnelInfoDecoder.IFLA_IPTUN_FLOWINFO, ip6.flowinfo())
                        .attribute(TunnelInfoDecoder.IFLA_IPTUN_FLAGS, ip6.flags() & IP6_TNL_F_SETTABLE);
        }
    }
}
