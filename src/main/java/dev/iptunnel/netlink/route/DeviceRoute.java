package dev.iptunnel.netlink.route;

import dev.iptunnel.netlink.message.AddressFamily;
import java.net.InetAddress;
import java.util.Optional;

/**
 * A route out of one interface: what RTM_NEWROUTE makes and RTM_DELROUTE finds, see ip-route(8).
 *
 * @param destination without host bits, which the kernel refuses; the any address of a default route
 * @param oif ifindex of the outgoing interface; 0 to delete a route whatever its interfaces are
 * @param gateway absent where the destination is on the link
 * @param table 254 main
 * @param metric unsigned 32 bits, the smaller wins. 0 asks for the kernel's default. That is 0 in IPv4, and 1024 in
 *     IPv6, which replaces the 0 here
 * @param protocol {@code RTPROT_*}, which program adds it: 1 to 255
 * @param type unicast, or for an address local or broadcast
 * @param preferredSource of packets that have no source yet
 * @param selector which packets to the destination it applies to
 */
public record DeviceRoute(
        InetAddress destination,
        int prefixLength,
        int oif,
        Optional<InetAddress> gateway,
        int table,
        int metric,
        int protocol,
        RouteType type,
        Optional<InetAddress> preferredSource,
        RouteSelector selector) {
    /** IP6_RT_PRIO_USER of {@code linux/ipv6_route.h}. */
    private static final int IPV6_METRIC = 1024;

    public DeviceRoute {
        if (metric == 0 && AddressFamily.of(destination) == AddressFamily.IPV6) {
            metric = IPV6_METRIC;
        }
    }

    /** A unicast route for every packet to the destination. */
    public DeviceRoute(
            InetAddress destination,
            int prefixLength,
            int oif,
            Optional<InetAddress> gateway,
            int table,
            int metric,
            int protocol) {
        this(
                destination,
                prefixLength,
                oif,
                gateway,
                table,
                metric,
                protocol,
                RouteType.UNICAST,
                Optional.empty(),
                RouteSelector.ALL);
    }
}
