package dev.iptunnel.tunnel;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An address of the tunnel's interface.
 *
 * @param prefix the address; with a peer, the length is of the peer's prefix
 * @param peer the other end of a point-to-point address
 */
public record InnerAddress(IpPrefix prefix, Optional<InetAddress> peer) {
    /** {@code IP6_RT_PRIO_ADDRCONF}: the metric of the routes that the kernel adds for IPv6 addresses. */
    public static final long IPV6_CONNECTED_METRIC = 256;

    public InetAddress address() {
        return prefix.address();
    }

    /** The network that the kernel adds a connected route to. */
    public IpPrefix network() {
        return new IpPrefix(peer.orElse(prefix.address()), prefix.length()).network();
    }

    /**
     * The routes that the kernel adds for it: to itself, to its network, to the last address of an IPv4 network (broadcast),
     * and to the first address of an IPv6 network (anycast, of the routers).
     */
    public List<InnerRoute> routes() {
        IpPrefix network = network();
        boolean ipv4 = prefix.family() == IpFamily.IPV4;
        List<InnerRoute> routes = new ArrayList<>();
        routes.add(local(address()));
        routes.add(new InnerRoute(network, Optional.empty(), InnerRoute.MAIN_TABLE, ipv4 ? 0 : IPV6_CONNECTED_METRIC));
        if (network.length() < prefix.family().bits() - 1) {
            routes.add(local(ipv4 ? network.last() : network.address()));
        }
        return routes;
    }

    private static InnerRoute local(InetAddress address) {
        return new InnerRoute(IpPrefix.host(address), Optional.empty(), InnerRoute.LOCAL_TABLE, 0);
    }

    /** As ip-address(8) takes it: {@code 192.0.2.1/30}, {@code 192.0.2.1 peer 192.0.2.2/32}. */
    @Override
    public String toString() {
        return peer.map(far -> IpFamily.format(address()) + " peer " + new IpPrefix(far, prefix.length()))
                .orElseGet(prefix::toString);
    }
}
