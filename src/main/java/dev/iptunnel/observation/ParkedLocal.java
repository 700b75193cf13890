package dev.iptunnel.observation;

import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;

/**
 * The local address of a parked tunnel, which gave up its endpoints and has no others yet. No node has such an address, so
 * the drivers send nothing. The interface stays up: otherwise it would lose its routes, and packets would take other routes.
 * IPv4: 240.0.0.0/4 (RFC 1112, reserved); IPv6: 100::/64 (RFC 6666, discard).
 */
public final class ParkedLocal {
    private static final IpPrefix IPV4 = new IpPrefix(IpFamily.IPV4.parse("240.0.0.0"), 4);
    private static final IpPrefix IPV6 = new IpPrefix(IpFamily.IPV6.parse("100::"), 64);

    private ParkedLocal() {}

    /** A different address for each interface. */
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
