package dev.iptunnel.observation;

import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * An address of the interface.
 *
 * @param ours whether it carries our protocol number; only such addresses are removed
 * @param metric the metric of the route to its network, if somebody set one
 */
public record ObservedAddress(
        IpPrefix prefix, Optional<InetAddress> peer, boolean ours, Set<AddressFlag> flags, OptionalLong metric) {
    private static final Set<AddressFlag> UNFIT =
            EnumSet.of(AddressFlag.SECONDARY, AddressFlag.DEPRECATED, AddressFlag.TENTATIVE, AddressFlag.NOT_GLOBAL);

    /** What an address has only if somebody changed it after we added it. */
    private static final Set<AddressFlag> CHANGED =
            EnumSet.of(AddressFlag.NO_PREFIX_ROUTE, AddressFlag.DEPRECATED, AddressFlag.EXPIRES);

    public ObservedAddress {
        flags = Set.copyOf(flags);
    }

    /** An address with the kernel's metric. */
    public ObservedAddress(IpPrefix prefix, Optional<InetAddress> peer, boolean ours, Set<AddressFlag> flags) {
        this(prefix, peer, ours, flags, OptionalLong.empty());
    }

    public InnerAddress address() {
        return new InnerAddress(prefix, peer);
    }

    /** Whether the kernel itself added it: a link-local address, or the one that sit derives from its local address. */
    public boolean isKernels() {
        return flags.contains(AddressFlag.NOT_GLOBAL)
                || (prefix.length() == 96 && new IpPrefix(IpFamily.IPV6.any(), 96).contains(prefix.address()));
    }

    boolean isFitForEndpoint() {
        return Collections.disjoint(flags, UNFIT);
    }

    ObservedAddress with(AddressFlag flag) {
        Set<AddressFlag> more = EnumSet.of(flag);
        more.addAll(flags);
        return new ObservedAddress(prefix, peer, ours, more, metric);
    }

    /**
     * Whether it counts as the wanted address. One of ours has to have the kernel's metric, a route to its network, and no
     * life time.
     */
    public boolean stands(InnerAddress wanted) {
        return address().equals(wanted) && (!ours || (metric.isEmpty() && Collections.disjoint(flags, CHANGED)));
    }

    /** Flags of {@code linux/if_addr.h} ({@code IFA_F_*}), the scope, and what the agent derives from others. */
    public enum AddressFlag {
        /**
         * On IPv4: the kernel removes it together with the primary address of its network. On IPv6: temporary (RFC 8981).
         */
        SECONDARY,
        /** The kernel does not use it as the source of new connections if there is another. */
        DEPRECATED,
        /** It has a life time, at whose end the kernel makes it deprecated or removes it. */
        EXPIRES,
        /** Duplicate address detection (RFC 4862) still runs, or found a duplicate. */
        TENTATIVE,
        /** The scope is link or host. */
        NOT_GLOBAL,
        /** The kernel adds no route to its network. */
        NO_PREFIX_ROUTE,
        /** It moves between machines: keepalived added it. */
        VIRTUAL,
        /** The kernel uses it as the source of packets to the remote. */
        PREFERRED,
        /** The route to the remote names it as the source. */
        OF_ROUTE
    }
}
