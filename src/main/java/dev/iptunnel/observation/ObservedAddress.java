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
 * @param ours it carries our protocol number, so that only those are ever removed
 * @param metric of the route to its network, where somebody chose one
 */
public record ObservedAddress(
        IpPrefix prefix, Optional<InetAddress> peer, boolean ours, Set<AddressFlag> flags, OptionalLong metric) {
    private static final Set<AddressFlag> UNFIT =
            EnumSet.of(AddressFlag.SECONDARY, AddressFlag.DEPRECATED, AddressFlag.TENTATIVE, AddressFlag.NOT_GLOBAL);

    public ObservedAddress {
        flags = Set.copyOf(flags);
    }

    /** The kernel's metric. */
    public ObservedAddress(IpPrefix prefix, Optional<InetAddress> peer, boolean ours, Set<AddressFlag> flags) {
        this(prefix, peer, ours, flags, OptionalLong.empty());
    }

    public InnerAddress address() {
        return new InnerAddress(prefix, peer);
    }

    /** Nobody but the kernel put it there: link-local ones, and what sit makes of its local address. */
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

    /** Whether it stands for that one; one of ours has the metric of the kernel, and a route to its network. */
    public boolean stands(InnerAddress wanted) {
        return address().equals(wanted)
                && (!ours || (metric.isEmpty() && !flags.contains(AddressFlag.NO_PREFIX_ROUTE)));
    }

    /** {@code IFA_F_*} of {@code linux/if_addr.h}, and a scope. */
    public enum AddressFlag {
        /** On IPv4, removed together with the primary address of its subnet; on IPv6, temporary (RFC 8981). */
        SECONDARY,
        DEPRECATED,
        /** Duplicate address detection has not ended, or found a duplicate (RFC 4862). */
        TENTATIVE,
        /** Of scope link or host. */
        NOT_GLOBAL,
        /** The kernel makes no route to its network. */
        NO_PREFIX_ROUTE,
        /** It moves between machines: keepalived put it there. */
        VIRTUAL,
        /** The kernel takes it as the source of packets to the remote. */
        PREFERRED
    }
}
