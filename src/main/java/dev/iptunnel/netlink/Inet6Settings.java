package dev.iptunnel.netlink;

/**
 * Some of {@code net.ipv6.conf.X} of the kernel's ip-sysctl.
 *
 * @param disabled {@code disable_ipv6}
 * @param acceptsRouterAdvertisements {@code accept_ra} is 1 and {@code forwarding} 0, or {@code accept_ra} is 2
 */
public record Inet6Settings(boolean disabled, boolean acceptsRouterAdvertisements) {
    /** Of an interface that the kernel tells none of. */
    public static final Inet6Settings NONE = new Inet6Settings(false, false);
}
