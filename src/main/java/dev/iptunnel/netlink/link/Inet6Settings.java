package dev.iptunnel.netlink.link;

/**
 * Some settings of {@code net.ipv6.conf.X}, see ip-sysctl of the kernel's documentation.
 *
 * @param disabled {@code disable_ipv6}
 * @param forwarding {@code forwarding}
 * @param acceptRa {@code accept_ra}
 * @param acceptRedirects {@code accept_redirects}
 */
public record Inet6Settings(boolean disabled, boolean forwarding, int acceptRa, int acceptRedirects) {
    /** Of an interface without settings of IPv6. */
    public static final Inet6Settings NONE = new Inet6Settings(false, false, 0, 0);

    /** The value of {@code accept_ra} that accepts router advertisements even where packets are forwarded. */
    private static final int ACCEPT_RA_OF_A_ROUTER = 2;

    /** Whether the kernel accepts router advertisements. */
    public boolean acceptsRouterAdvertisements() {
        return forwarding ? acceptRa == ACCEPT_RA_OF_A_ROUTER : acceptRa != 0;
    }
}
