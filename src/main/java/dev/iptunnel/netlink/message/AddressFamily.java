package dev.iptunnel.netlink.message;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** AF_INET or AF_INET6 of {@code linux/socket.h}. */
public enum AddressFamily {
    IPV4(2, new byte[4]),
    IPV6(10, new byte[16]);

    public final int number;
    private final InetAddress any;

    AddressFamily(int number, byte[] any) {
        this.number = number;
        try {
            this.any = InetAddress.getByAddress(any);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    public static AddressFamily of(InetAddress address) {
        return address instanceof Inet4Address ? IPV4 : IPV6;
    }

    /** Whether the message is of one of these families. In addresses, routes and rules its first byte says so. */
    public static boolean isOf(NetlinkMessage message) {
        int number = Byte.toUnsignedInt(message.fixed(1).get(0));
        return number == IPV4.number || number == IPV6.number;
    }

    public static AddressFamily of(NetlinkMessage message) {
        return Byte.toUnsignedInt(message.fixed(1).get(0)) == IPV6.number ? IPV6 : IPV4;
    }

    int bits() {
        return any.getAddress().length * Byte.SIZE;
    }

    /**
     * Returns the prefix length.
     *
     * @throws NetlinkException where addresses of the family are shorter
     */
    public int prefixLength(int length) {
        if (length > bits()) {
            throw NetlinkException.malformed("prefix length " + length + " of " + this);
        }
        return length;
    }

    /**
     * Returns the address.
     *
     * @throws NetlinkException where it is of the other family
     */
    public InetAddress require(InetAddress address) {
        if (of(address) != this) {
            throw NetlinkException.malformed("address " + address.getHostAddress() + " is not of " + this);
        }
        return address;
    }

    /** {@code 0.0.0.0} or {@code ::}. */
    public InetAddress any() {
        return any;
    }
}
