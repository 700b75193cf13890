package dev.iptunnel.observation;

import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.InnerRoute;
import java.util.List;
import java.util.OptionalLong;

/** Compares the addresses and routes of a tunnel with those that its interface has. */
public final class HeldNetwork {
    private HeldNetwork() {}

    /** Whether the interface has all of them. */
    static boolean isComplete(DesiredTunnel desired, ObservedLink link) {
        return desired.addresses().stream().allMatch(address -> holds(link, address))
                && routes(desired, link.vrfTable()).stream().allMatch(route -> holds(link, route));
    }

    /**
     * The routes that the interface has to have. An interface that is down has none, and the kernel accepts none for it.
     *
     * @param vrfTable the table of its VRF; empty if it is in none
     */
    public static List<InnerRoute> routes(DesiredTunnel desired, OptionalLong vrfTable) {
        return desired.up()
                ? desired.routes().stream().map(route -> route.in(vrfTable)).toList()
                : List.of();
    }

    /** Whether the interface has the address, and the routes that the kernel adds for it. */
    private static boolean holds(ObservedLink link, InnerAddress address) {
        return link.addresses().stream()
                .anyMatch(observed -> observed.stands(address)
                        && ConnectedRoutes.missing(link, observed).isEmpty());
    }

    /** Whether the interface has the route. */
    public static boolean holds(ObservedLink link, InnerRoute route) {
        return link.routes().stream().anyMatch(observed -> observed.stands(route));
    }
}
