package dev.iptunnel.observation;

import dev.iptunnel.observation.RouteDetails.Kind;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.Optional;

/**
 * A route that the kernel adds for an address.
 *
 * @param kind unicast to the network or the peer of the address, local to the address itself, or broadcast
 * @param table the main or the local table; in a VRF the table of the VRF instead of both
 * @param metric as the kernel holds it
 * @param preferredSource only of IPv4 routes
 */
public record ConnectedRoute(
        Kind kind, IpPrefix destination, long table, long metric, Optional<InetAddress> preferredSource) {
    /** The local route of an IPv6 address has the metric 0, which no request can set. */
    public boolean comesWithAddressOnly() {
        return kind == Kind.LOCAL && destination.family() == IpFamily.IPV6;
    }

    public InnerRoute route() {
        return new InnerRoute(destination, Optional.empty(), table, metric);
    }

    /** As ip-route(8) takes it, without the device. */
    @Override
    public String toString() {
        String type =
                switch (kind) {
                    case LOCAL -> "local ";
                    case BROADCAST -> "broadcast ";
                    case UNICAST, OTHER -> "";
                };
        String scope =
                switch (kind) {
                    case LOCAL -> " scope host";
                    case BROADCAST, UNICAST, OTHER -> " scope link";
                };
        return type + route() + " proto kernel"
                + preferredSource
                        .map(source -> scope + " src " + IpFamily.format(source))
                        .orElse("");
    }
}
