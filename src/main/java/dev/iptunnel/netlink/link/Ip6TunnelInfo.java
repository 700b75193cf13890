package dev.iptunnel.netlink.link;

import dev.iptunnel.netlink.message.Attribute;
import java.net.Inet6Address;
import java.util.List;

/**
 * A tunnel of kind {@code ip6tnl}.
 *
 * @param ttl the hop limit
 * @param encapLimit RFC 2473 section 5.1; meaningless with IP6_TNL_F_IGN_ENCAP_LIMIT
 * @param flowinfo traffic class &lt;&lt; 20 | flow label
 * @param flags {@code IP6_TNL_F_*} of {@code linux/ip6_tunnel.h}; those above 0x7f are the kernel's own
 */
public record Ip6TunnelInfo(
        Inet6Address local,
        Inet6Address remote,
        int link,
        int ttl,
        int encapLimit,
        int flowinfo,
        int flags,
        int protocol,
        int fwmark,
        Encapsulation encapsulation,
        boolean collectMetadata,
        List<Attribute> unknown)
        implements TunnelInfo {
    public Ip6TunnelInfo {
        unknown = List.copyOf(unknown);
    }
}
