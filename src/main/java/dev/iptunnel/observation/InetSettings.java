package dev.iptunnel.observation;

import java.util.OptionalInt;
import java.util.Set;

/**
 * Settings of the kernel's network stack that decide over an interface's packets, sysctl(8).
 *
 * @param reversePathFilterOfAll {@code net.ipv4.conf.all.rp_filter}; of this and the interface's own the larger counts.
 *     Empty where the kernel tells none
 * @param ipv6Disabled {@code net.ipv6.conf.INTERFACE.disable_ipv6}, which {@code all} is written through to
 * @param acceptsRouterAdvertisements whether {@code accept_ra} of the interface, together with its {@code forwarding},
 *     has the kernel take routes and addresses from the other end
 * @param trusting those of the interface's that are not 0, whatever its {@code forwarding} is
 */
public record InetSettings(
        OptionalInt reversePathFilterOfAll,
        boolean ipv6Disabled,
        boolean acceptsRouterAdvertisements,
        Set<Inet6Setting> trusting) {
    public static final InetSettings DEFAULT = new InetSettings(OptionalInt.of(0), false, false, Set.of());

    public InetSettings {
        trusting = Set.copyOf(trusting);
    }
}
