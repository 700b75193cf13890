package dev.iptunnel.tunnel;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.stream.Stream;

/** IPv4 or IPv6, and the literals of each. */
public enum IpFamily {
    IPV4("IPv4", 32),
    IPV6("IPv6", 128);

    private final String text;
    private final int bits;

    IpFamily(String text, int bits) {
        this.text = text;
        this.bits = bits;
    }

    /** The length of an address in bits, which is also the longest prefix. */
    public int bits() {
        return bits;
    }

    /** The unspecified address; the tunnel drivers take it as "any". */
    public InetAddress any() {
        return ofBytes(new byte[bits / Byte.SIZE]);
    }

    /** The address of these bytes, in network order. An IPv4-mapped IPv6 address stays IPv6. */
    public InetAddress ofBytes(byte[] bytes) {
        try {
            return this == IPV6 ? Inet6Address.getByAddress(null, bytes, -1) : InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    public static IpFamily of(InetAddress address) {
        return address instanceof Inet4Address ? IPV4 : IPV6;
    }

    /**
     * Reads a literal of this family: any form of RFC 4291 for IPv6, four decimal numbers for IPv4. Never asks a name
     * server.
     *
     * @throws IllegalArgumentException for anything else, also for an IPv4-mapped address and for a zone
     */
    public InetAddress parse(String literal) {
        Optional<InetAddress> address = literalOf(literal).filter(parsed -> of(parsed) == this);
        // The JDK also accepts fewer than four numbers, and leading zeros.
        return address.filter(parsed -> this == IPV6 || parsed.getHostAddress().equals(literal))
                .orElseThrow(() -> new IllegalArgumentException("\"" + literal + "\" is not an " + this + " address"));
    }

    private Optional<InetAddress> literalOf(String literal) {
        if (literal.indexOf('%') >= 0 || literal.indexOf('[') >= 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(this == IPV4 ? Inet4Address.ofLiteral(literal) : Inet6Address.ofLiteral(literal));
        } catch (IllegalArgumentException notOne) {
            return Optional.empty();
        }
    }

    /** The address of either family that the text stands for. */
    public static Optional<InetAddress> literal(String text) {
        return Stream.of(values())
                .flatMap(family -> family.literalOf(text).stream())
                .findFirst();
    }

    /** The address's canonical text; for IPv6 that of RFC 5952, as iproute2 prints it. */
    public static String format(InetAddress address) {
        return address instanceof Inet6Address ? rfc5952(address.getAddress()) : address.getHostAddress();
    }

    /** The address of an endpoint, as ip-tunnel(8) prints it: the unspecified address is {@code any}. */
    public static String formatEndpoint(InetAddress address) {
        return address.isAnyLocalAddress() ? "any" : format(address);
    }

    private static String rfc5952(byte[] bytes) {
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff);
        }
        int zeros = 1;
        int start = -1;
        for (int i = 0; i < 8; i++) {
            int run = 0;
            while (i + run < 8 && groups[i + run] == 0) {
                run++;
            }
            if (run > zeros) {
                zeros = run;
                start = i;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == start) {
                text.append("::");
                i += zeros - 1;
            } else {
                if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                    text.append(':');
                }
                text.append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }

    @Override
    public String toString() {
        return text;
    }
}
