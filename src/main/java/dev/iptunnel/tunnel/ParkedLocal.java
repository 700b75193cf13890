package dev.iptunnel.tunnel;

import java.net.InetAddress;

/**
 * The local address of a tunnel that made its endpoints free for another one and has not got its own yet: one that no
 * node has, so that nothing leaves by it. IPv4: 240.0.0.0/4 (RFC 1112, reserved); IPv6: 100::/64 (RFC 6666, discard).
 */
final class ParkedLocal {
    private static final IpPrefix IPV4 = new IpPrefix(IpFamily.IPV4.parse("240.0.0.0"), 4);
    private static final IpPrefix IPV6 = new IpPrefix(IpFamily.IPV6.parse("100::"), 64);

    private ParkedLocal() {}

    /** Another one for each interface. */
    static InetAddress of(IpFamily family, int ifindex) {
        byte[] bytes = (family == IpFamily.IPV4 ? IPV4 : IPV6).address().getAddress();
        for (int i = 0; i < Integer.BYTES; i++) {
            bytes[bytes.length - 1 - i] |= (byte) (ifindex >>> (i * Byte.SIZE));
        }
        return family.ofBytes(bytes);
    }

    static boolean isParked(InetAddress address) {
        return IPV4.contains(address) || IPV6.contains(address);
    }
}
