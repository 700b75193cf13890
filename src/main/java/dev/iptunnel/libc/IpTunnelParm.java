package dev.iptunnel.libc;

import java.net.Inet4Address;
import java.nio.ByteBuffer;

/**
 * {@code struct ip_tunnel_parm} of {@code linux/if_tunnel.h}, of {@code ipip} and {@code sit}. Its fields are Java values
 * of the kernel's: the byte order is made here.
 *
 * @param name of the tunnel; in what the kernel gives back, its name when it was made
 * @param link index of the interface that outer packets are bound to; 0 for none. The kernel takes one that does not exist
 * @param iFlags {@code SIT_ISATAP} is 1: host order, though the header says big endian (GRE's flags are)
 * @param oFlags of GRE, as are iKey and oKey
 * @param tos of the outer header; 1 inherits
 * @param fragOff {@link #IP_DF} or 0; the kernel adds it where {@code ttl} is not 0
 * @param ttl 0 inherits
 * @param protocol 4 ipip, 41 sit
 * @param saddr local; 0.0.0.0 for any
 * @param daddr remote; 0.0.0.0 for any
 */
public record IpTunnelParm(
        String name,
        int link,
        int iFlags,
        int oFlags,
        int iKey,
        int oKey,
        int tos,
        int fragOff,
        int ttl,
        int protocol,
        Inet4Address saddr,
        Inet4Address daddr)
        implements TunnelParm {
    public static final int SIZE = 52;
    /** Don't fragment. */
    public static final int IP_DF = 0x4000;

    private static final int NAME = 0;
    private static final int LINK = 16;
    private static final int I_FLAGS = 20;
    private static final int O_FLAGS = 22;
    private static final int I_KEY = 24;
    private static final int O_KEY = 28;
    private static final int IPH_VERSION_IHL = 32;
    private static final int IPH_TOS = 33;
    private static final int IPH_FRAG_OFF = 38;
    private static final int IPH_TTL = 40;
    private static final int IPH_PROTOCOL = 41;
    private static final int IPH_SADDR = 44;
    private static final int IPH_DADDR = 48;
    /** IPv4, a header of five words: what the kernel demands. */
    private static final byte VERSION_4_IHL_5 = 0x45;

    /** Without the fields of GRE. */
    public IpTunnelParm(
            String name,
            int link,
            int tos,
            int fragOff,
            int ttl,
            int protocol,
            Inet4Address saddr,
            Inet4Address daddr) {
        this(name, link, 0, 0, 0, 0, tos, fragOff, ttl, protocol, saddr, daddr);
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
        buffer.putShort(I_FLAGS, (short) iFlags);
        buffer.putShort(O_FLAGS, (short) oFlags);
        BigEndian.put32(buffer, I_KEY, iKey);
        BigEndian.put32(buffer, O_KEY, oKey);
        buffer.put(IPH_VERSION_IHL, VERSION_4_IHL_5);
        buffer.put(IPH_TOS, (byte) tos);
        BigEndian.put16(buffer, IPH_FRAG_OFF, fragOff);
        buffer.put(IPH_TTL, (byte) ttl);
        buffer.put(IPH_PROTOCOL, (byte) protocol);
        buffer.put(IPH_SADDR, saddr.getAddress());
        buffer.put(IPH_DADDR, daddr.getAddress());
    }
}
