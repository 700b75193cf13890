package dev.iptunnel.observation;

import dev.iptunnel.tunnel.BirthGroup;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelParameters;
import java.net.InetAddress;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
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
 * @param master the interface that this one is a port of
 * @param settings of the kernel's network stack for it
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
        int group,
        Optional<Master> master,
        InetSettings settings) {
    /** One that is nobody's port, with the settings that a new interface has. */
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
            List<ObservedRoute> routes,
            int group) {
        this(
                index,
                name,
                alias,
                up,
                operState,
                mtu,
                reversePathFilter,
                tunnel,
                unmanaged,
                addresses,
                routes,
                group,
                Optional.empty(),
                InetSettings.DEFAULT);
    }

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

    public ObservedLink withName(String newName) {
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
                group,
                master,
                settings);
    }

    /** The same with other routes. */
    public ObservedLink withRoutes(List<ObservedRoute> otherRoutes) {
        return new ObservedLink(
                index,
                name,
                alias,
                up,
                operState,
                mtu,
                reversePathFilter,
                tunnel,
                unmanaged,
                addresses,
                otherRoutes,
                group,
                master,
                settings);
    }

    /** The same with the address marked that the kernel takes as the source of packets to the remote. */
    public ObservedLink preferring(Optional<InetAddress> source) {
        List<ObservedAddress> marked = addresses.stream()
                .map(address ->
                        source.filter(address.prefix().address()::equals).isPresent()
                                ? address.with(AddressFlag.PREFERRED)
                                : address)
                .toList();
        return new ObservedLink(
                index,
                name,
                alias,
                up,
                operState,
                mtu,
                reversePathFilter,
                tunnel,
                unmanaged,
                marked,
                routes,
                group,
                master,
                settings);
    }

    /** The same as a port of that interface. */
    public ObservedLink withMaster(Optional<Master> otherMaster) {
        return new ObservedLink(
                index,
                name,
                alias,
                up,
                operState,
                mtu,
                reversePathFilter,
                tunnel,
                unmanaged,
                addresses,
                routes,
                group,
                otherMaster,
                settings);
    }

    /** The same with other settings. */
    public ObservedLink withSettings(InetSettings otherSettings) {
        return new ObservedLink(
                index,
                name,
                alias,
                up,
                operState,
                mtu,
                reversePathFilter,
                tunnel,
                unmanaged,
                addresses,
                routes,
                group,
                master,
                otherSettings);
    }

    /** The table that all its routes are in; empty where it is in no VRF. */
    public OptionalLong vrfTable() {
        return master.map(Master::vrfTable).orElse(OptionalLong.empty());
    }

    /** The same once it has been taken down: that drops the IPv6 addresses, and all routes. */
    public ObservedLink goneDown() {
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
                group,
                master,
                settings);
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

    /**
     * An interface that has others as its ports: a VRF, a bridge, a bond.
     *
     * @param kind as ip-link(8) prints it
     * @param vrfTable the routing table of a VRF
     * @param up while a VRF is down it drops its ports' packets
     */
    public record Master(int index, String name, String kind, OptionalLong vrfTable, boolean up) {
        /** One that is up. */
        public Master(int index, String name, String kind, OptionalLong vrfTable) {
            this(index, name, kind, vrfTable, true);
        }

        /** As ip-link(8) prints it, with its kind. */
        @Override
        public String toString() {
            return name + " (" + kind + (vrfTable.isPresent() ? ", table " + vrfTable.getAsLong() : "") + ")";
        }
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

    /**
     * An address of the interface.
     *
     * @param ours it carries our protocol number, so that only those are ever removed
     * @param metric of the route to its network, where somebody chose one
     */
    public record ObservedAddress(
            IpPrefix prefix, Optional<InetAddress> peer, boolean ours, Set<AddressFlag> flags, OptionalLong metric) {
        private static final Set<AddressFlag> UNFIT = EnumSet.of(
                AddressFlag.SECONDARY, AddressFlag.DEPRECATED, AddressFlag.TENTATIVE, AddressFlag.NOT_GLOBAL);

        public ObservedAddress {
            flags = Set.copyOf(flags);
        }

        /** The kernel's metric. */
        public ObservedAddress(IpPrefix prefix, Optional<InetAddress> peer, boolean ours, Set<AddressFlag> flags) {
            this(prefix, peer, ours, flags, OptionalLong.empty());
        }

        /** A usual one, of global scope and without a peer. */
        public ObservedAddress(IpPrefix prefix, boolean ours) {
            this(prefix, Optional.empty(), ours, Set.of());
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
    }

    /**
     * A route out of the interface.
     *
     * @param protocol {@code RTPROT_*}: who put it there
     * @param ours it carries our protocol number, so that only those are ever removed
     */
    public record ObservedRoute(InnerRoute route, int protocol, boolean ours, RouteDetails details) {
        public static final int RTPROT_KERNEL = 2;
        private static final int RTPROT_RA = 9;

        /** One that an IpTunnel can say all of. */
        public ObservedRoute(InnerRoute route, int protocol, boolean ours) {
            this(route, protocol, ours, RouteDetails.PLAIN);
        }

        /** Whether packets go by it as they would by that one: a connected route has a source of its own accord. */
        public boolean stands(InnerRoute wanted) {
            return details.kind() == RouteDetails.Kind.UNICAST
                    && details.isOrdinary()
                    && (details.preferredSource().isEmpty() || protocol == RTPROT_KERNEL)
                    && route.equalsInKernel(wanted);
        }

        /** The kernel's own: of an address, or of a router advertisement. */
        public boolean isKernels() {
            return protocol == RTPROT_KERNEL || protocol == RTPROT_RA;
        }
    }
}
