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
public record Ip6TunnelAttributes(
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
        implements TunnelAttributes {
    public static final int IP6_TNL_F_IGN_ENCAP_LIMIT = 0x1;
    public static final int IP6_TNL_F_USE_ORIG_TCLASS = 0x2;
    public static final int IP6_TNL_F_USE_ORIG_FLOWLABEL = 0x4;

    private static final int TCLASS_SHIFT = 20;
    private static final int TCLASS_MASK = 0xff;
    private static final int FLOWLABEL_MASK = 0xfffff;

    public Ip6TunnelAttributes {
        unknown = List.copyOf(unknown);
    }

    /** The traffic class, RFC 8200 section 7; meaningless with IP6_TNL_F_USE_ORIG_TCLASS. */
    public int trafficClass() {
        return (flowinfo >> TCLASS_SHIFT) & TCLASS_MASK;
    }

    /** RFC 6437; meaningless with IP6_TNL_F_USE_ORIG_FLOWLABEL. */
    public int flowLabel() {
        return flowinfo & FLOWLABEL_MASK;
    }

    /** Both in one number. */
    public static int flowinfo(int trafficClass, int flowLabel) {
        return trafficClass << TCLASS_SHIFT | flowLabel;
    }
}
