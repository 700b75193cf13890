package dev.iptunnel.diagnosis;

import java.util.List;
import java.util.Optional;

/**
 * Settings and programs of the whole node.
 *
 * @param forwards whether packets of the inner family that come out of the tunnel are forwarded; empty if that is not known
 * @param ipv6Disabled which of {@code all} and {@code default} disable IPv6
 * @param configurators whether a program that configures the whole network seems to run
 * @param programs what other programs left on the node, such as {@code routes of keepalived}
 * @param packetFilters the packet filters that the kernel has loaded
 */
public record NodeSettings(
        Optional<Boolean> forwards,
        List<String> ipv6Disabled,
        boolean configurators,
        List<String> programs,
        List<String> packetFilters) {
    public NodeSettings {
        ipv6Disabled = List.copyOf(ipv6Disabled);
        programs = List.copyOf(programs);
        packetFilters = List.copyOf(packetFilters);
    }
}
