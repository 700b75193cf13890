package dev.iptunnel.netlink.route;

import dev.iptunnel.netlink.message.AddressFamily;
import java.util.OptionalInt;

/**
 * Which routes of a family, in all tables, to list: the kernel leaves out the others before it copies them, so that a
 * full BGP table costs little.
 *
 * @param oif lists routes with a next hop out of this interface
 * @param protocol {@code RTPROT_*}
 */
public record RouteFilter(AddressFamily family, OptionalInt oif, OptionalInt protocol) {
    public static RouteFilter of(AddressFamily family) {
        return new RouteFilter(family, OptionalInt.empty(), OptionalInt.empty());
    }

    public RouteFilter withOif(int ifindex) {
        return new RouteFilter(family, OptionalInt.of(ifindex), protocol);
    }

    public RouteFilter withProtocol(int number) {
        return new RouteFilter(family, oif, OptionalInt.of(number));
    }

    public boolean matches(Route route) {
        return route.family() == family
                && (oif.isEmpty() || route.leadsOutOf(oif.getAsInt()))
                && (protocol.isEmpty() || protocol.getAsInt() == route.protocol());
    }
}
