package dev.iptunnel.set.address;

import dev.iptunnel.set.AddressRanges;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/**
 * The addresses that a set gives out, in the order of its networks. What is excluded, and what appears in an earlier
 * network, is not among them. Neither are the first and the last address of an IPv4 network shorter than /31 (the network
 * and its broadcast address), and the first address of an IPv6 network shorter than /127 (the routers' anycast address, RFC
 * 4291).
 */
public final class AddressPool {
    private final IpFamily family;
    private final List<Range> ranges;
    private final BigInteger capacity;

    /** The addresses from {@code first} to {@code last}, as numbers. */
    private record Range(BigInteger first, BigInteger last) {
        BigInteger size() {
            return last.subtract(first).add(BigInteger.ONE);
        }

        /** What is left without the other range: nothing, one or two ranges. */
        List<Range> without(Range other) {
            if (other.last.compareTo(first) < 0 || other.first.compareTo(last) > 0) {
                return List.of(this);
            }
            List<Range> rest = new ArrayList<>();
            if (first.compareTo(other.first) < 0) {
                rest.add(new Range(first, other.first.subtract(BigInteger.ONE)));
            }
            if (other.last.compareTo(last) < 0) {
                rest.add(new Range(other.last.add(BigInteger.ONE), last));
            }
            return rest;
        }
    }

    public AddressPool(IpFamily family, AddressRanges networks) {
        this.family = family;
        List<Range> taken = new ArrayList<>(
                networks.excluded().stream().map(AddressPool::all).toList());
        List<Range> free = new ArrayList<>();
        for (IpPrefix network : networks.networks()) {
            List<Range> rest = List.of(usable(network));
            for (Range other : taken) {
                rest = rest.stream()
                        .flatMap(range -> range.without(other).stream())
                        .toList();
            }
            free.addAll(rest);
            taken.add(all(network));
        }
        ranges = List.copyOf(free);
        capacity = ranges.stream().map(Range::size).reduce(BigInteger.ZERO, BigInteger::add);
    }

    /** How many addresses there are; an IPv6 /16 has 2^112. */
    public BigInteger capacity() {
        return capacity;
    }

    /** The address at this place, from 0 to below the capacity. */
    public InetAddress at(BigInteger index) {
        BigInteger rest = index;
        for (Range range : ranges) {
            if (rest.compareTo(range.size()) < 0) {
                return address(range.first().add(rest));
            }
            rest = rest.subtract(range.size());
        }
        throw new IndexOutOfBoundsException(index + " of " + capacity);
    }

    /** Whether it is one of them. */
    public boolean contains(InetAddress address) {
        BigInteger number = number(address);
        return IpFamily.of(address) == family
                && ranges.stream()
                        .anyMatch(range -> range.first().compareTo(number) <= 0
                                && range.last().compareTo(number) >= 0);
    }

    /** The place that a node gets if it is free: the same each time, for the same name and capacity. */
    BigInteger preferred(String node) {
        return new BigInteger(1, sha256(node)).mod(capacity);
    }

    private static Range all(IpPrefix network) {
        return new Range(number(network.network().address()), number(network.last()));
    }

    private static Range usable(IpPrefix network) {
        Range all = all(network);
        int hostBits = network.family().bits() - network.length();
        if (hostBits < 2) {
            return all;
        }
        BigInteger last = network.family() == IpFamily.IPV4 ? all.last().subtract(BigInteger.ONE) : all.last();
        return new Range(all.first().add(BigInteger.ONE), last);
    }

    private static BigInteger number(InetAddress address) {
        return new BigInteger(1, address.getAddress());
    }

    private InetAddress address(BigInteger number) {
        byte[] bytes = new byte[family.bits() / Byte.SIZE];
        byte[] digits = number.toByteArray();
        int length = Math.min(digits.length, bytes.length);
        System.arraycopy(digits, digits.length - length, bytes, bytes.length - length, length);
        return family.ofBytes(bytes);
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
