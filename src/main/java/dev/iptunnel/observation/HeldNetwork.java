package dev.iptunnel.observation;

import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.InnerRoute;
import java.util.List;
import java.util.OptionalLong;

/** Which of a tunnel's addresses and routes its interface has. */
public final class HeldNetwork {
    private HeldNetwork() {}

    /** Whether nothing is to be added. */
    static boolean isComplete(DesiredTunnel desired, ObservedLink link) {
        return desired.addresses().stream().allMatch(address -> holds(link, address))
                && routes(desired, link.vrfTable()).stream().allMatch(route -> holds(link, route));
    }

    /**
     * The routes that an interface of this VRF is to have: one that is down has none, and the kernel takes none for it.
     *
     * @param vrfTable of its VRF; empty where it is in none
     */
    public static List<InnerRoute> routes(DesiredTunnel desired, OptionalLong vrfTable) {
        return desired.up()
                ? desired.routes().stream().map(route -> route.in(vrfTable)).toList()
                : List.of();
    }

    /** With all that it brings along. */
    private static boolean holds(ObservedLink link, InnerAddress address) {
        return link.addresses().stream()
                .anyMatch(observed -> observed.stands(address)
                        && ConnectedRoutes.missing(link, observed).isEmpty());
    }

    public static boolean holds(ObservedLink link, InnerRoute route) {
        return link.routes().stream().anyMatch(observed -> observed.stands(route));
    }
}
