package dev.iptunnel.observation;

import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;

/**
 * The local address of a tunnel that made its endpoints free for another one and has none of its own yet: one that no
 * node has, for which the drivers send nothing. The interface stays up, since its routes would go with it, and their
 * packets some other way. IPv4: 240.0.0.0/4 (RFC 1112, reserved); IPv6: 100::/64 (RFC 6666, discard).
 */
public final class ParkedLocal {
    private static final IpPrefix IPV4 = new IpPrefix(IpFamily.IPV4.parse("240.0.0.0"), 4);
    private static final IpPrefix IPV6 = new IpPrefix(IpFamily.IPV6.parse("100::"), 64);

    private ParkedLocal() {}

    /** Another one for each interface. */
    public static InetAddress of(IpFamily family, int ifindex) {
        byte[] bytes = (family == IpFamily.IPV4 ? IPV4 : IPV6).address().getAddress();
        for (int i = 0; i < Integer.BYTES; i++) {
            bytes[bytes.length - 1 - i] |= (byte) (ifindex >>> (i * Byte.SIZE));
        }
        return family.ofBytes(bytes);
    }

    public static boolean isParked(ObservedLink link) {
        return link.tunnel().filter(tunnel -> isParked(tunnel.local())).isPresent();
    }

    public static boolean isParked(InetAddress address) {
        return IPV4.contains(address) || IPV6.contains(address);
    }
}
