package dev.iptunnel.observation;

import java.util.OptionalInt;
import java.util.Set;

/**
 * Settings of the network stack, sysctl(8), that affect the packets of an interface.
 *
 * @param reversePathFilterOfAll {@code net.ipv4.conf.all.rp_filter}; the larger of this value and that of the interface
 *     applies. Empty if the kernel reports none
 * @param ipv6Disabled {@code net.ipv6.conf.INTERFACE.disable_ipv6}; a write to that of {@code all} changes this one too
 * @param acceptsRouterAdvertisements whether the kernel accepts routes and addresses from the other end, because of
 *     {@code accept_ra} and {@code forwarding} of the interface
 * @param trusting the settings of the interface that are not 0, with any {@code forwarding}
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
