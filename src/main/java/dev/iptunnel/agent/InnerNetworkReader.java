package dev.iptunnel.agent;

import dev.iptunnel.api.v1alpha1.TunnelAddress;
import dev.iptunnel.api.v1alpha1.TunnelRoute;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.util.List;
import java.util.Optional;

/** Reads the addresses and routes of a spec. */
final class InnerNetworkReader {
    private static final long MOST = 0xffff_ffffL;
    private static final long LOCAL_TABLE = 255;

    private InnerNetworkReader() {}

    static List<InnerAddress> addresses(IpFamily inner, List<TunnelAddress> addresses) {
        return SpecReader.field("spec.addresses", () -> addresses.stream()
                .map(address -> new InnerAddress(
                        IpPrefix.parse(inner, address.address()),
                        Optional.ofNullable(address.peer()).map(inner::parse)))
                .distinct()
                .toList());
    }

    static List<InnerRoute> routes(IpFamily inner, List<TunnelRoute> routes) {
        return SpecReader.field("spec.routes", () -> routes.stream()
                .map(route -> route(inner, route))
                .distinct()
                .toList());
    }

    private static InnerRoute route(IpFamily inner, TunnelRoute route) {
        IpPrefix destination = IpPrefix.parse(inner, route.destination());
        if (!destination.equals(destination.network())) {
            throw new IllegalArgumentException(
                    "\"" + route.destination() + "\" has host bits; write " + destination.network());
        }
        if (route.table() < 1 || route.table() > MOST || route.table() == LOCAL_TABLE) {
            throw new IllegalArgumentException(
                    "table " + route.table() + " takes no routes; write 1 to " + MOST + ", not 255");
        }
        if (route.metric() < 0 || route.metric() > MOST) {
            throw new IllegalArgumentException("metric " + route.metric() + " is none; write 0 to " + MOST);
        }
        return new InnerRoute(
                destination, Optional.ofNullable(route.gateway()).map(inner::parse), route.table(), route.metric());
    }
}
