package dev.iptunnel.tunnel;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * An interface as the kernel has it.
 *
 * @param index the ifindex
 * @param alias empty text where there is none
 * @param up {@code IFF_UP}: the administrative state
 * @param operState the name of the RFC 2863 state, {@code UNKNOWN} for a tunnel that is up
 * @param mtu in bytes
 * @param reversePathFilter {@code rp_filter}; empty where the interface has no IPv4
 * @param tunnel what its driver was told, for the interfaces of the three tunnel drivers
 * @param unmanaged settings of the tunnel that no IpTunnel can express
 * @param addresses in the kernel's order
 * @param routes out of the interface, of tunnels of ours only
 * @param group {@code IFLA_GROUP}; 0 = the default one
 */
public record ObservedLink(
        int index,
        String name,
        String alias,
        boolean up,
        String operState,
        int mtu,
        OptionalInt reversePathFilter,
        Optional<TunnelParameters> tunnel,
        List<UnmanagedSetting> unmanaged,
        List<ObservedAddress> addresses,
        List<ObservedRoute> routes,
        int group) {
    public ObservedLink {
        unmanaged = List.copyOf(unmanaged);
        addresses = List.copyOf(addresses);
        routes = List.copyOf(routes);
    }

    /** One of the default group. */
    public ObservedLink(
            int index,
            String name,
            String alias,
            boolean up,
            String operState,
            int mtu,
            OptionalInt reversePathFilter,
            Optional<TunnelParameters> tunnel,
            List<UnmanagedSetting> unmanaged,
            List<ObservedAddress> addresses,
            List<ObservedRoute> routes) {
        this(index, name, alias, up, operState, mtu, reversePathFilter, tunnel, unmanaged, addresses, routes, 0);
    }

    public Optional<Mark> mark() {
        return Mark.parse(alias);
    }

    /** Whether an agent of this manager made it and did not come to mark it: see {@link BirthGroup}. */
    public boolean isHalfBorn(String manager) {
        return tunnel.isPresent() && alias.isEmpty() && !up && group == BirthGroup.of(manager);
    }

    ObservedLink withName(String newName) {
        return new ObservedLink(
                index,
                newName,
                alias,
                up,
                operState,
                mtu,
                reversePathFilter,
                tunnel,
                unmanaged,
                addresses,
                routes,
                group);
    }

    /** The same once it has been taken down: that drops the IPv6 addresses, and all routes. */
    ObservedLink goneDown() {
        return new ObservedLink(
                index,
                name,
                alias,
                false,
                "DOWN",
                mtu,
                reversePathFilter,
                tunnel,
                unmanaged,
                addresses.stream()
                        .filter(address -> IpFamily.of(address.prefix().address()) == IpFamily.IPV4)
                        .toList(),
                List.of(),
                group);
    }

    /** A driver's own device, whatever its name is today. */
    public boolean isFallback() {
        return unmanaged.isEmpty()
                && tunnel.filter(TunnelParameters::isFallback).isPresent();
    }

    /**
     * A setting that no IpTunnel can express.
     *
     * @param text as ip-link(8) prints it
     * @param clearedByChange whether a change in place takes it off
     */
    public record UnmanagedSetting(String text, boolean clearedByChange) {}

    /** {@code IFA_F_*} of {@code linux/if_addr.h}, and a scope. */
    public enum AddressFlag {
        /** On IPv4, removed together with the primary address of its subnet; on IPv6, temporary (RFC 8981). */
        SECONDARY,
        DEPRECATED,
        /** Duplicate address detection has not ended, or found a duplicate (RFC 4862). */
        TENTATIVE,
        /** Of scope link or host. */
        NOT_GLOBAL
    }

    /** An address of the interface; ours if it carries our protocol number, so that only those are ever removed. */
    public record ObservedAddress(IpPrefix prefix, Optional<InetAddress> peer, boolean ours, Set<AddressFlag> flags) {
        public ObservedAddress {
            flags = Set.copyOf(flags);
        }

        /** A usual one, of global scope and without a peer. */
        public ObservedAddress(IpPrefix prefix, boolean ours) {
            this(prefix, Optional.empty(), ours, Set.of());
        }

        InnerAddress address() {
            return new InnerAddress(prefix, peer);
        }

        /** Nobody but the kernel put it there: link-local ones, and what sit makes of its local address. */
        public boolean isKernels() {
            return flags.contains(AddressFlag.NOT_GLOBAL)
                    || (prefix.length() == 96 && new IpPrefix(IpFamily.IPV6.any(), 96).contains(prefix.address()));
        }

        boolean isFitForEndpoint() {
            return flags.isEmpty();
        }
    }

    /**
     * A route out of the interface.
     *
     * @param protocol {@code RTPROT_*}: who put it there
     * @param ours it carries our protocol number, so that only those are ever removed
     */
    public record ObservedRoute(InnerRoute route, int protocol, boolean ours) {
        private static final int RTPROT_KERNEL = 2;
        private static final int RTPROT_RA = 9;

        /** The kernel's own: of an address, or of a router advertisement. */
        boolean isKernels() {
            return protocol == RTPROT_KERNEL || protocol == RTPROT_RA;
        }
    }
}
