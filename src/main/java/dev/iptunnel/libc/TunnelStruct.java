package dev.iptunnel.libc;

import dev.iptunnel.netlink.link.Ip4TunnelAttributes;
import dev.iptunnel.netlink.link.Ip6TunnelAttributes;
import dev.iptunnel.netlink.link.TunnelAttributes;
import java.nio.ByteBuffer;

/**
 * What the tunnel ioctls take, in native byte order but for the fields that are big endian:
 * {@code struct ip_tunnel_parm} of {@code linux/if_tunnel.h} for {@code ipip} and {@code sit},
 * {@code struct ip6_tnl_parm2} of {@code linux/ip6_tunnel.h} for {@code ip6tnl}. Both begin with the name and the
 * parent. Their fields of GRE (flags and keys) stay 0.
 */
final class TunnelStruct {
    /** In bytes, of the larger one. */
    static final int SIZE = 76;

    private static final int NAME = 0;
    private static final int LINK = 16;

    /** SIT_ISATAP is in host order, though the header says big endian. */
    private static final int IP_TUNNEL_I_FLAGS = 20;

    private static final int IPH_VERSION_IHL = 32;
    private static final int IPH_TOS = 33;
    private static final int IPH_FRAG_OFF = 38;
    private static final int IPH_TTL = 40;
    private static final int IPH_PROTOCOL = 41;
    private static final int IPH_SADDR = 44;
    private static final int IPH_DADDR = 48;
    /** IPv4, a header of five words: the kernel refuses anything else. */
    private static final byte VERSION_4_IHL_5 = 0x45;
    /** Don't fragment. */
    private static final int IP_DF = 0x4000;

    private static final int IP6_TNL_PROTO = 20;
    private static final int IP6_TNL_ENCAP_LIMIT = 21;
    private static final int IP6_TNL_HOP_LIMIT = 22;
    private static final int IP6_TNL_FLOWINFO = 24;
    private static final int IP6_TNL_FLAGS = 28;
    private static final int IP6_TNL_LADDR = 32;
    private static final int IP6_TNL_RADDR = 48;

    private TunnelStruct() {}

    /** Writes {@link #SIZE} bytes at the start of a buffer in native order. */
    static void encode(String name, TunnelAttributes attributes, ByteBuffer buffer) {
        buffer.put(0, new byte[SIZE]);
        InterfaceName.put(buffer, NAME, name);
        buffer.putInt(LINK, attributes.link());
        switch (attributes) {
            case Ip4TunnelAttributes ip4 -> encode(ip4, buffer);
            case Ip6TunnelAttributes ip6 -> encode(ip6, buffer);
        }
    }

    private static void encode(Ip4TunnelAttributes ip4, ByteBuffer buffer) {
        buffer.putShort(IP_TUNNEL_I_FLAGS, (short) ip4.flags());
        buffer.put(IPH_VERSION_IHL, VERSION_4_IHL_5);
        buffer.put(IPH_TOS, (byte) ip4.tos());
        BigEndian.put16(buffer, IPH_FRAG_OFF, ip4.pathMtuDiscovery() ? IP_DF : 0);
        buffer.put(IPH_TTL, (byte) ip4.ttl());
        buffer.put(IPH_PROTOCOL, (byte) ip4.protocol());
        buffer.put(IPH_SADDR, ip4.local().getAddress());
        buffer.put(IPH_DADDR, ip4.remote().getAddress());
    }

    private static void encode(Ip6TunnelAttributes ip6, ByteBuffer buffer) {
        buffer.put(IP6_TNL_PROTO, (byte) ip6.protocol());
        buffer.put(IP6_TNL_ENCAP_LIMIT, (byte) ip6.encapLimit());
        buffer.put(IP6_TNL_HOP_LIMIT, (byte) ip6.ttl());
        BigEndian.put32(buffer, IP6_TNL_FLOWINFO, ip6.flowinfo());
        buffer.putInt(IP6_TNL_FLAGS, ip6.flags());
        buffer.put(IP6_TNL_LADDR, ip6.local().getAddress());
        buffer.put(IP6_TNL_RADDR, ip6.remote().getAddress());
    }
}
