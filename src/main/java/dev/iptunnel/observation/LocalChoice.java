package dev.iptunnel.observation;

import dev.iptunnel.observation.ObservedAddress.AddressFlag;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.LocalAddress;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which of an interface's addresses packets to the remote have as their source. One that moves between machines comes last:
 * keepalived's, and one without a network beside others that have one. Of the others IPv4 takes the one that the kernel
 * would, IPv6 the one that RFC 6724 says: that of the remote's kind (rule 6), then that with most bits in common (rule 8).
 */
final class LocalChoice {
    /** Prefixes of one kind of IPv6 address, RFC 6724 section 2.1, the longest first; all others are of one kind. */
    private static final List<IpPrefix> KINDS =
            List.of(kind("2001::/32"), kind("2002::/16"), kind("3ffe::/16"), kind("fec0::/10"), kind("fc00::/7"));

    private final InetAddress remote;
    private final List<ObservedAddress> fit;

    private LocalChoice(InetAddress remote, List<ObservedAddress> fit) {
        this.remote = remote;
        this.fit = fit;
    }

    private static IpPrefix kind(String prefix) {
        return IpPrefix.parse(IpFamily.IPV6, prefix);
    }

    /**
     * The address to use now. One that is followed is sticky: the last one stays as long as the interface has it and none
     * is better, and while the interface has none that is fit to be an endpoint.
     *
     * @param source the interface that the address is taken from
     * @param last what the tunnel has now
     * @return empty where there never was one
     */
    static Optional<InetAddress> resolve(
            LocalAddress local,
            IpFamily outer,
            InetAddress remote,
            Optional<ObservedLink> source,
            Optional<InetAddress> last) {
        return switch (local) {
            case LocalAddress.Fixed(InetAddress address) -> Optional.of(address);
            case LocalAddress.OfNode(Optional<InetAddress> address) -> address.or(() -> last);
            case LocalAddress.OfInterface _ ->
                source.flatMap(link -> of(outer, remote, link.addresses(), last))
                        .or(() -> last);
        };
    }

    /** @param last stays among equals */
    static Optional<InetAddress> of(
            IpFamily outer, InetAddress remote, List<ObservedAddress> addresses, Optional<InetAddress> last) {
        List<ObservedAddress> fit = addresses.stream()
                .filter(ObservedAddress::isFitForEndpoint)
                .filter(address -> address.prefix().family() == outer)
                .toList();
        return new LocalChoice(remote, outer == IpFamily.IPV4 ? fit : fit.reversed()).best(last);
    }

    /** The kernel lists IPv4 addresses in the order in which they came, IPv6 addresses the other way round. */
    private Optional<InetAddress> best(Optional<InetAddress> last) {
        Comparator<ObservedAddress> worth = Comparator.<ObservedAddress, Boolean>comparing(this::isVirtual)
                .thenComparing(address -> isIpv4() && !isPreferred(address))
                .thenComparing(address -> !isOfRemotesKind(address))
                .thenComparing(this::commonBits, Comparator.reverseOrder());
        Optional<ObservedAddress> best = fit.stream()
                .min(worth.thenComparing(address -> !isLast(address, last))
                        .thenComparing(address -> !isPreferred(address)));
        return best.map(address -> address.prefix().address());
    }

    private boolean isIpv4() {
        return IpFamily.of(remote) == IpFamily.IPV4;
    }

    private static boolean isLast(ObservedAddress address, Optional<InetAddress> last) {
        return last.equals(Optional.of(address.prefix().address()));
    }

    private static boolean isPreferred(ObservedAddress address) {
        return address.flags().contains(AddressFlag.PREFERRED);
    }

    private boolean isVirtual(ObservedAddress address) {
        return address.flags().contains(AddressFlag.VIRTUAL)
                || (isAlone(address) && !fit.stream().allMatch(LocalChoice::isAlone));
    }

    private static boolean isAlone(ObservedAddress address) {
        return address.peer().isEmpty()
                && address.prefix().length() == address.prefix().family().bits();
    }

    private boolean isOfRemotesKind(ObservedAddress address) {
        return isIpv4() || kindOf(address.prefix().address()).equals(kindOf(remote));
    }

    private static Optional<IpPrefix> kindOf(InetAddress address) {
        return KINDS.stream().filter(kind -> kind.contains(address)).findFirst();
    }

    /** Of the address's network, as the kernel counts them; none with IPv4, or where there is no remote. */
    private int commonBits(ObservedAddress address) {
        if (isIpv4() || remote.isAnyLocalAddress()) {
            return 0;
        }
        int length = 0;
        while (length < address.prefix().length()
                && new IpPrefix(address.prefix().address(), length + 1).contains(remote)) {
            length++;
        }
        return length;
    }
}
