package dev.iptunnel.observation;

import dev.iptunnel.observation.RouteDetails.Kind;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.Optional;

/**
 * A route that an address brings along.
 *
 * @param kind unicast to the address's network or its peer; local to itself; broadcast
 * @param table the main table or the local one, or for both that of the interface's VRF
 * @param metric as the kernel holds it
 * @param preferredSource of IPv4
 */
public record ConnectedRoute(
        Kind kind, IpPrefix destination, long table, long metric, Optional<InetAddress> preferredSource) {
    /** IPv6's local route has the metric 0, which no request can give it. */
    public boolean comesWithAddressOnly() {
        return kind == Kind.LOCAL && destination.family() == IpFamily.IPV6;
    }

    public InnerRoute route() {
        return new InnerRoute(destination, Optional.empty(), table, metric);
    }

    /** As ip-route(8) takes it, but for the device. */
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
