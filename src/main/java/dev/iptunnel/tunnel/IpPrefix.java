package dev.iptunnel.tunnel;

import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** An address with the length of its prefix, as ip-address(8) writes it: {@code 192.0.2.1/30}. Host bits are kept. */
public record IpPrefix(InetAddress address, int length) {
    public IpPrefix {
        IpFamily family = IpFamily.of(address);
        if (length < 0 || length > family.bits()) {
            throw new IllegalArgumentException(
                    "a prefix length of " + length + " does not fit " + family + "; write 0 to " + family.bits());
        }
    }

    /** Reads {@code ADDRESS/LENGTH}; {@link IllegalArgumentException} for anything else. */
    public static IpPrefix parse(IpFamily family, String text) {
        int slash = text.indexOf('/');
        String length = text.substring(slash + 1);
        if (slash < 0 || !length.matches("0|[1-9][0-9]{0,2}")) {
            throw new IllegalArgumentException("\"" + text + "\" is not ADDRESS/PREFIX-LENGTH, such as "
                    + (family == IpFamily.IPV4 ? "192.0.2.1/30" : "2001:db8::1/64"));
        }
        return new IpPrefix(family.parse(text.substring(0, slash)), Integer.parseInt(length));
    }

    public IpFamily family() {
        return IpFamily.of(address);
    }

    /** The prefix that contains only this address. */
    public static IpPrefix host(InetAddress address) {
        return new IpPrefix(address, IpFamily.of(address).bits());
    }

    /** Whether it contains only one address. */
    public boolean isHost() {
        return length == family().bits();
    }

    /** The same prefix without host bits. */
    public IpPrefix network() {
        byte[] bytes = address.getAddress();
        for (int bit = length; bit < bytes.length * Byte.SIZE; bit++) {
            bytes[bit / Byte.SIZE] &= (byte) ~(0x80 >> (bit % Byte.SIZE));
        }
        return new IpPrefix(family().ofBytes(bytes), length);
    }

    /** Whether the address is in this network. */
    public boolean contains(InetAddress other) {
        return IpFamily.of(other) == family()
                && new IpPrefix(other, length).network().equals(network());
    }

    /** Whether this network contains the whole other one. */
    public boolean covers(IpPrefix other) {
        return other.length >= length && contains(other.address);
    }

    /** Whether the two have any address in common. */
    public boolean overlaps(IpPrefix other) {
        return covers(other) || other.covers(this);
    }

    /** The last address of the network; of IPv4 this is the broadcast address. */
    public InetAddress last() {
        byte[] bytes = address.getAddress();
        for (int bit = length; bit < bytes.length * Byte.SIZE; bit++) {
            bytes[bit / Byte.SIZE] |= (byte) (0x80 >> (bit % Byte.SIZE));
        }
        return family().ofBytes(bytes);
    }

    /** The first address of the network that none of the other networks contains. */
    public Optional<InetAddress> firstOutside(Collection<IpPrefix> others) {
        IpPrefix network = network();
        List<IpPrefix> within = others.stream().filter(network::overlaps).toList();
        if (within.isEmpty()) {
            return Optional.of(network.address);
        }
        if (within.stream().anyMatch(other -> other.covers(network))) {
            return Optional.empty();
        }
        IpPrefix lower = new IpPrefix(network.address, length + 1);
        IpPrefix upper = new IpPrefix(last(), length + 1);
        return lower.firstOutside(within).or(() -> upper.firstOutside(within));
    }

    @Override
    public String toString() {
        return IpFamily.format(address) + "/" + length;
    }
}
