package dev.iptunnel.netlink.route;

import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.message.NetlinkMessage;
import java.util.OptionalInt;

/**
 * Which routes of a family, in all tables, to list: the kernel leaves out the others before it copies them, so that a
 * full BGP table costs little.
 *
 * @param oif lists routes with a next hop out of this interface
 * @param protocol {@code RTPROT_*}
 * @param longestPrefix in bits; the kernel does not filter by it, but the others are dropped before they are decoded
 */
public record RouteFilter(AddressFamily family, OptionalInt oif, OptionalInt protocol, OptionalInt longestPrefix) {
    public static RouteFilter of(AddressFamily family) {
        return new RouteFilter(family, OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty());
    }

    public RouteFilter withOif(int ifindex) {
        return new RouteFilter(family, OptionalInt.of(ifindex), protocol, longestPrefix);
    }

    public RouteFilter withProtocol(int number) {
        return new RouteFilter(family, oif, OptionalInt.of(number), longestPrefix);
    }

    public RouteFilter withPrefixUpTo(int length) {
        return new RouteFilter(family, oif, protocol, OptionalInt.of(length));
    }

    /** Whether the message of a route may be of one that {@link #matches}. */
    public boolean mayMatch(NetlinkMessage message) {
        return isShortEnough(RouteDecoder.prefixLength(message));
    }

    public boolean matches(Route route) {
        return route.family() == family
                && (oif.isEmpty() || route.leadsOutOf(oif.getAsInt()))
                && (protocol.isEmpty() || protocol.getAsInt() == route.protocol())
                && isShortEnough(route.prefixLength());
    }

    private boolean isShortEnough(int length) {
        return longestPrefix.isEmpty() || length <= longestPrefix.getAsInt();
    }
}
