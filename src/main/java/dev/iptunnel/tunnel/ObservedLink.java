package dev.iptunnel.tunnel;

import java.util.List;
import java.util.Optional;

/**
 * An interface as the kernel has it.
 *
 * @param index the ifindex
 * @param alias empty text where there is none
 * @param up {@code IFF_UP}: the administrative state
 * @param operState the name of the RFC 2863 state, {@code UNKNOWN} for a tunnel that is up
 * @param mtu in bytes
 * @param tunnel what its driver was told, for the interfaces of the three tunnel drivers
 * @param unmanaged settings of the tunnel that no IpTunnel can express, as ip-link(8) prints them
 */
public record ObservedLink(
        int index,
        String name,
        String alias,
        boolean up,
        String operState,
        int mtu,
        Optional<TunnelParameters> tunnel,
        List<String> unmanaged,
        List<ObservedAddress> addresses) {
    public ObservedLink {
        unmanaged = List.copyOf(unmanaged);
        addresses = List.copyOf(addresses);
    }

    public Optional<Mark> mark() {
        return Mark.parse(alias);
    }

    /** An address of the interface; ours if it carries our protocol number, so that only those are ever removed. */
    public record ObservedAddress(IpPrefix prefix, boolean ours) {}
}
