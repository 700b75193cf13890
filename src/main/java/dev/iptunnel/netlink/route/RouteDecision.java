package dev.iptunnel.netlink.route;

import dev.iptunnel.errno.Errno;
import java.util.Optional;

/**
 * What the routing rules and tables decide for one destination.
 *
 * @param type {@link RouteType#UNSPEC} where there is no route
 * @param route the entry that decides; absent where there is no route, and where packets are dropped, since the kernel
 *     does not say by which route or rule
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
