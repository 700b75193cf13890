package dev.iptunnel.netlink;

import dev.iptunnel.netlink.route.DeviceRoute;
import dev.iptunnel.netlink.route.Route;
import java.util.Optional;

/** Compares routes that were read with routes that were added. */
public final class Routes {
    private Routes() {}

    /** The route as a request would have it, without its preferred source. */
    public static DeviceRoute deviceRoute(Route route) {
        return new DeviceRoute(
                route.destination(),
                route.prefixLength(),
                route.oif().orElseThrow(),
                route.gateway(),
                route.table(),
                route.metric().orElse(0),
                route.protocol(),
                route.type(),
                Optional.empty(),
                route.selector());
    }
}
