package dev.iptunnel.netlink.link;

/**
 * Some of {@code net.ipv6.conf.X} of the kernel's ip-sysctl.
 *
 * @param disabled {@code disable_ipv6}
 * @param forwarding {@code forwarding}
 * @param acceptRa {@code accept_ra}
 * @param acceptRedirects {@code accept_redirects}
 */
public record Inet6Settings(boolean disabled, boolean forwarding, int acceptRa, int acceptRedirects) {
    /** Of an interface that the kernel tells none of. */
    public static final Inet6Settings NONE = new Inet6Settings(false, false, 0, 0);

    /** The value of {@code accept_ra} that holds with forwarding, too. */
    private static final int ACCEPT_RA_OF_A_ROUTER = 2;

    /** Whether the kernel takes router advertisements. */
    public boolean acceptsRouterAdvertisements() {
        return forwarding ? acceptRa == ACCEPT_RA_OF_A_ROUTER : acceptRa != 0;
    }
}
