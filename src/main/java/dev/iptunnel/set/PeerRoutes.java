package dev.iptunnel.set;

import dev.iptunnel.tunnel.IpPrefix;
import java.util.List;

/**
 * Which routes a set adds to its tunnels.
 *
 * @param podNetworks whether the peer's {@code podCIDRs} are routed to it
 * @param viaHub networks that spokes route to their hubs
 * @param table number of the routing table
 * @param metric 0 is the kernel's default
 */
public record PeerRoutes(boolean podNetworks, List<IpPrefix> viaHub, long table, long metric) {
    public PeerRoutes {
        viaHub = List.copyOf(viaHub);
    }
}
