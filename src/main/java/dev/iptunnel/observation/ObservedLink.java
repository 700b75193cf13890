package dev.iptunnel.observation;

import dev.iptunnel.tunnel.BirthGroup;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelParameters;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * An interface, as the kernel holds it.
 *
 * @param index the ifindex
 * @param alias the empty text if there is none
 * @param up {@code IFF_UP}: the administrative state
 * @param operState the name of the RFC 2863 state, {@code UNKNOWN} for a tunnel that is up
 * @param mtu in bytes
 * @param reversePathFilter {@code rp_filter}; empty if the interface has no IPv4
 * @param tunnel the parameters of an interface of one of the three tunnel drivers
 * @param unmanaged settings of the tunnel that no IpTunnel can express
 * @param addresses in the kernel's order
 * @param routes out of the interface; only of our own tunnels
 * @param group {@code IFLA_GROUP}; 0 = the default one
 * @param master the interface that this one is a port of
 * @param settings the settings of the network stack for this interface
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
    public ObservedLink {
        unmanaged = List.copyOf(unmanaged);
        addresses = List.copyOf(addresses);
        routes = List.copyOf(routes);
    }

    /** A builder of an interface that is up and has nothing else. */
    public static Builder builder(int index, String name) {
        return new Builder(index, name);
    }

    /** A builder of an interface that differs from this one in something. */
    public Builder toBuilder() {
        return builder(index, name)
                .alias(alias)
                .up(up)
                .operState(operState)
                .mtu(mtu)
                .reversePathFilter(reversePathFilter)
                .tunnel(tunnel)
                .unmanaged(unmanaged)
                .addresses(addresses)
                .routes(routes)
                .group(group)
                .master(master)
                .settings(settings);
    }

    public Optional<Mark> mark() {
        return Mark.parse(alias);
    }

    /** Whether it carries the mark of the object, or of a predecessor. */
    public boolean hasMarkOf(DesiredTunnel desired) {
        return mark().filter(mark -> mark.isOfSameName(desired.mark())).isPresent();
    }

    /** The interface, as messages name it. */
    public String inWords() {
        return "interface " + name + " (ifindex " + index + ")";
    }

    /** Whether an agent of this manager created it and died before it set the mark, see {@link BirthGroup}. */
    public boolean isHalfBorn(String manager) {
        return tunnel.isPresent() && alias.isEmpty() && !up && group == BirthGroup.of(manager);
    }

    /** The same interface, with this address, if it has it, flagged. */
    public ObservedLink flagging(Optional<InetAddress> flagged, ObservedAddress.AddressFlag flag) {
        return toBuilder()
                .addresses(addresses.stream()
                        .map(address -> flagged.filter(address.prefix().address()::equals)
                                        .isPresent()
                                ? address.with(flag)
                                : address)
                        .toList())
                .build();
    }

    /** The table of its VRF, which contains all its routes; empty if it is in no VRF. */
    public OptionalLong vrfTable() {
        return master.map(Master::vrfTable).orElse(OptionalLong.empty());
    }

    /** The same interface after it was set down, which drops its IPv6 addresses and all its routes. */
    public ObservedLink goneDown() {
        return toBuilder()
                .up(false)
                .operState("DOWN")
                .addresses(addresses.stream()
                        .filter(address -> address.prefix().family() == IpFamily.IPV4)
                        .toList())
                .routes(List.of())
                .build();
    }

    /** Whether it is the fallback device of its driver, under any name. */
    public boolean isFallback() {
        return unmanaged.isEmpty()
                && tunnel.filter(TunnelParameters::isFallback).isPresent();
    }

    /**
     * A setting that no IpTunnel can express.
     *
     * @param text as ip-link(8) prints it
     * @param clearedByChange whether a change in place removes it
     */
    public record UnmanagedSetting(String text, boolean clearedByChange) {}

    /** Builds an {@link ObservedLink}. By default it is up, is no tunnel, and has no addresses and routes. */
    public static final class Builder {
        private final int index;
        private String name;
        private String alias = "";
        private boolean up = true;
        private String operState = "UP";
        private int mtu = 1500;
        private OptionalInt reversePathFilter = OptionalInt.of(0);
        private Optional<TunnelParameters> tunnel = Optional.empty();
        private List<UnmanagedSetting> unmanaged = List.of();
        private List<ObservedAddress> addresses = List.of();
        private List<ObservedRoute> routes = List.of();
        private int group;
        private Optional<Master> master = Optional.empty();
        private InetSettings settings = InetSettings.DEFAULT;

        Builder(int index, String name) {
            this.index = index;
            this.name = name;
        }

        public ObservedLink build() {
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
                    settings);
        }

        public Builder name(String value) {
            name = value;
            return this;
        }

        public Builder alias(String value) {
            alias = value;
            return this;
        }

        public Builder up(boolean value) {
            up = value;
            return this;
        }

        public Builder operState(String value) {
            operState = value;
            return this;
        }

        public Builder mtu(int value) {
            mtu = value;
            return this;
        }

        public Builder reversePathFilter(OptionalInt value) {
            reversePathFilter = value;
            return this;
        }

        public Builder tunnel(Optional<TunnelParameters> value) {
            tunnel = value;
            return this;
        }

        public Builder unmanaged(List<UnmanagedSetting> value) {
            unmanaged = value;
            return this;
        }

        public Builder addresses(List<ObservedAddress> value) {
            addresses = value;
            return this;
        }

        public Builder routes(List<ObservedRoute> value) {
            routes = value;
            return this;
        }

        public Builder group(int value) {
            group = value;
            return this;
        }

        public Builder master(Optional<Master> value) {
            master = value;
            return this;
        }

        public Builder settings(InetSettings value) {
            settings = value;
            return this;
        }
    }
}
