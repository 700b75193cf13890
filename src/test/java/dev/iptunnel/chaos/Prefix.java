package dev.iptunnel.chaos;

import java.math.BigInteger;
import java.net.InetAddress;

/** A network as ip-route(8) prints it. */
record Prefix(InetAddress address, int length) {
    /** Of {@code 10.0.0.0/8}, or of a host's address alone. {@code default} needs the family. */
    static Prefix of(String text, boolean ipv4) {
        if (text.equals("default")) {
            return new Prefix(InetAddress.ofLiteral(ipv4 ? "0.0.0.0" : "::"), 0);
        }
        int slash = text.indexOf('/');
        InetAddress address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
        int length = slash < 0 ? address.getAddress().length * 8 : Integer.parseInt(text.substring(slash + 1));
        return new Prefix(address, length);
    }

    /** Whether both are the same network; {@code 10.0.0.1/8} and {@code 10.0.0.0/8} are. */
    boolean isSameNetwork(Prefix other) {
        return length == other.length && contains(other.address);
    }

    boolean contains(InetAddress other) {
        int bits = address.getAddress().length * 8;
        return other.getAddress().length * 8 == bits
                && number(address).xor(number(other)).shiftRight(bits - length).signum() == 0;
    }

    private static BigInteger number(InetAddress address) {
        return new BigInteger(1, address.getAddress());
    }
}
