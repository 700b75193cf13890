package dev.iptunnel.netlink;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** AF_INET or AF_INET6 of {@code linux/socket.h}. */
public enum AddressFamily {
    IPV4(2, new byte[4]),
    IPV6(10, new byte[16]);

    final int number;
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

    /** {@code 0.0.0.0} or {@code ::}. */
    public InetAddress any() {
        return any;
    }
}
