package dev.iptunnel.libc;

import java.net.Inet6Address;
import java.nio.ByteBuffer;

/**
 * {@code struct ip6_tnl_parm2} of {@code linux/ip6_tunnel.h}, of {@code ip6tnl}. Its fields are Java values of the
 * kernel's: the byte order is made here.
 *
 * @param name of the tunnel; in what the kernel gives back, its name when it was made
 * @param link index of the interface that outer packets are bound to; 0 for none. The kernel takes one that does not exist
 * @param proto 41 ip6ip6, 4 ipip6, 0 both
 * @param encapLimit RFC 2473 section 5.1; unused with {@code IP6_TNL_F_IGN_ENCAP_LIMIT}
 * @param hopLimit 0 inherits
 * @param flowinfo traffic class &lt;&lt; 20 | flow label
 * @param flags {@code IP6_TNL_F_*}; compare {@code flags & 0x7f}, the kernel adds bits of its own
 * @param laddr local; :: for any
 * @param raddr remote; :: for any
 * @param iFlags of GRE, as are oFlags, iKey and oKey: big endian in the kernel
 */
public record Ip6TnlParm2(
        String name,
        int link,
        int proto,
        int encapLimit,
        int hopLimit,
        int flowinfo,
        int flags,
        Inet6Address laddr,
        Inet6Address raddr,
        int iFlags,
        int oFlags,
        int iKey,
        int oKey)
        implements TunnelParm {
    public static final int SIZE = 76;

    private static final int NAME = 0;
    private static final int LINK = 16;
    private static final int PROTO = 20;
    private static final int ENCAP_LIMIT = 21;
    private static final int HOP_LIMIT = 22;
    private static final int FLOWINFO = 24;
    private static final int FLAGS = 28;
    private static final int LADDR = 32;
    private static final int RADDR = 48;
    private static final int I_FLAGS = 64;
    private static final int O_FLAGS = 66;
    private static final int I_KEY = 68;
    private static final int O_KEY = 72;

    /** Without the fields of GRE. */
    public Ip6TnlParm2(
            String name,
            int link,
            int proto,
            int encapLimit,
            int hopLimit,
            int flowinfo,
            int flags,
            Inet6Address laddr,
            Inet6Address raddr) {
        this(name, link, proto, encapLimit, hopLimit, flowinfo, flags, laddr, raddr, 0, 0, 0, 0);
    }

    @Override
    public int size() {
        return SIZE;
    }

    @Override
    public void encode(ByteBuffer buffer) {
        buffer.put(0, new byte[SIZE]);
        InterfaceName.put(buffer, NAME, name);
        buffer.putInt(LINK, link);
        buffer.put(PROTO, (byte) proto);
        buffer.put(ENCAP_LIMIT, (byte) encapLimit);
        buffer.put(HOP_LIMIT, (byte) hopLimit);
        BigEndian.put32(buffer, FLOWINFO, flowinfo);
        buffer.putInt(FLAGS, flags);
        buffer.put(LADDR, laddr.getAddress());
        buffer.put(RADDR, raddr.getAddress());
        BigEndian.put16(buffer, I_FLAGS, iFlags);
        BigEndian.put16(buffer, O_FLAGS, oFlags);
        BigEndian.put32(buffer, I_KEY, iKey);
        BigEndian.put32(buffer, O_KEY, oKey);
    }
}
