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
 * Chooses the local address of a tunnel among the addresses of an interface. Addresses that move between machines come last:
 * those of keepalived, and those without a network if others have one. Among the rest, IPv4 takes the address that the
 * kernel would take. IPv6 takes the one that the route to the remote names, and else follows RFC 6724: first an address of
 * the same kind as the remote (rule 6), then the one with the longest common prefix (rule 8). What else the kernel would
 * take for IPv6 may change with every new address, so there it decides last.
 */
final class LocalChoice {
    /**
     * The kinds of IPv6 addresses by their prefixes, RFC 6724 section 2.1, the longest first; all others are of one kind.
     */
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
     * The local address to use now. The last one stays while the interface has it and has no better one, and while the
     * interface has no usable address.
     *
     * @param source the interface that the address is taken from
     * @param last the address that the tunnel has now
     * @return empty if there is no address, and was none before
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

    /** @param last preferred among equally good addresses */
    static Optional<InetAddress> of(
            IpFamily outer, InetAddress remote, List<ObservedAddress> addresses, Optional<InetAddress> last) {
        List<ObservedAddress> fit = addresses.stream()
                .filter(ObservedAddress::isFitForEndpoint)
                .filter(address -> address.prefix().family() == outer)
                .toList();
        return new LocalChoice(remote, outer == IpFamily.IPV4 ? fit : fit.reversed()).best(last);
    }

    /**
     * The first of the best. The kernel lists IPv4 addresses in the order of their addition, IPv6 addresses in the opposite
     * order.
     */
    private Optional<InetAddress> best(Optional<InetAddress> last) {
        Comparator<ObservedAddress> worth = Comparator.<ObservedAddress, Boolean>comparing(this::isVirtual)
                .thenComparing(address -> !has(address, isIpv4() ? AddressFlag.PREFERRED : AddressFlag.OF_ROUTE))
                .thenComparing(address -> !isOfRemotesKind(address))
                .thenComparing(this::commonBits, Comparator.reverseOrder());
        Optional<ObservedAddress> best = fit.stream()
                .min(worth.thenComparing(address -> !isLast(address, last))
                        .thenComparing(address -> !has(address, AddressFlag.PREFERRED)));
        return best.map(address -> address.prefix().address());
    }

    private boolean isIpv4() {
        return IpFamily.of(remote) == IpFamily.IPV4;
    }

    private static boolean isLast(ObservedAddress address, Optional<InetAddress> last) {
        return last.equals(Optional.of(address.prefix().address()));
    }

    private static boolean has(ObservedAddress address, AddressFlag flag) {
        return address.flags().contains(flag);
    }

    private boolean isVirtual(ObservedAddress address) {
        return has(address, AddressFlag.VIRTUAL)
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

    /**
     * The bits that remote and address have in common, within the prefix of the address, as the kernel counts them; 0 for
     * IPv4.
     */
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
