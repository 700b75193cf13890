package dev.iptunnel.netlink.route;

import java.net.InetAddress;
import java.util.Optional;

/**
 * What selects the packets of a route, besides its destination.
 *
 * @param source RTA_SRC, the prefix of the packets' sources, without host bits; IPv6 only
 * @param sourceLength 0 without a source
 * @param tos {@code rtm_tos}, 0 selects every packet; IPv4 only
 */
public record RouteSelector(Optional<InetAddress> source, int sourceLength, int tos) {
    /** Every packet to the destination. */
    public static final RouteSelector ALL = new RouteSelector(Optional.empty(), 0, 0);
}
