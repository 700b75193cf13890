package dev.iptunnel.netlink.route;

import dev.iptunnel.errno.Errno;
import java.util.Optional;

/**
 * What the routing rules and tables decide over one destination.
 *
 * @param type {@link RouteType#UNSPEC} where nothing leads there
 * @param route the entry that decides; absent where nothing leads there, and where packets are dropped: the kernel does not
 *     tell by which route or rule
 */
public record RouteDecision(RouteType type, Optional<Route> route) {
    public static RouteDecision of(Route route) {
        return new RouteDecision(route.type(), Optional.of(route));
    }

    public static RouteDecision of(Errno errno) {
        RouteType type = RouteType.UNSPEC;
        if (errno.equals(Errno.EINVAL)) {
            type = RouteType.BLACKHOLE;
        } else if (errno.equals(Errno.EHOSTUNREACH)) {
            type = RouteType.UNREACHABLE;
        } else if (errno.equals(Errno.EACCES)) {
            type = RouteType.PROHIBIT;
        }
        return new RouteDecision(type, Optional.empty());
    }
}
