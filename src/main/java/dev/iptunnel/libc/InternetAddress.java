package dev.iptunnel.libc;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** {@code struct sockaddr_in} and {@code struct sockaddr_in6} in a buffer in native order, see ip(7) and ipv6(7). */
final class InternetAddress {
    private static final int SOCKADDR_IN = 16;
    static final int SOCKADDR_IN6 = 28;
    private static final int PORT = 2;
    private static final int ADDRESS4 = 4;
    private static final int ADDRESS6 = 8;
    private static final int SCOPE_ID = 24;

    private InternetAddress() {}

    /**
     * Writes an address to the start of a buffer.
     *
     * @param scope the ifindex that a link-local IPv6 address belongs to
     * @return the length of the struct
     */
    static int put(ByteBuffer buffer, InetAddress address, int port, int scope) {
        boolean ipv6 = address instanceof Inet6Address;
        buffer.put(0, new byte[SOCKADDR_IN6]);
        buffer.putShort(0, (short) (ipv6 ? Libc.AF_INET6 : Libc.AF_INET));
        BigEndian.put16(buffer, PORT, port);
        buffer.put(ipv6 ? ADDRESS6 : ADDRESS4, address.getAddress());
        if (ipv6 && address.isLinkLocalAddress()) {
            buffer.putInt(SCOPE_ID, scope);
        }
        return ipv6 ? SOCKADDR_IN6 : SOCKADDR_IN;
    }

    /** The address in a struct that begins there; empty where it is of another family. */
    static Optional<InetAddress> read(ByteBuffer buffer, int offset) {
        return switch (buffer.getShort(offset)) {
            case Libc.AF_INET -> Optional.of(address(buffer, offset + ADDRESS4, 4));
            case Libc.AF_INET6 -> Optional.of(address(buffer, offset + ADDRESS6, 16));
            default -> Optional.empty();
        };
    }

    private static InetAddress address(ByteBuffer buffer, int offset, int length) {
        byte[] address = new byte[length];
        buffer.get(offset, address);
        try {
            return length == 4 ? InetAddress.getByAddress(address) : Inet6Address.getByAddress(null, address, -1);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
