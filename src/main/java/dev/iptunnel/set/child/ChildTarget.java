package dev.iptunnel.set.child;

import dev.iptunnel.set.Edge;
import dev.iptunnel.set.member.Member;
import dev.iptunnel.tunnel.InnerRoute;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * What membership says about one tunnel of a set. The template says the rest.
 *
 * @param tunnel the name of the IpTunnel
 * @param peerTunnel the name of the IpTunnel of the other end
 * @param networkInterface the name of the interface, unless the template has one
 * @param peer absent in a set of topology {@code PerNode}
 * @param inner the node's inner address
 * @param peerInner the peer's inner address
 * @param routes that the set adds
 */
public record ChildTarget(
        Edge edge,
        String tunnel,
        Optional<String> peerTunnel,
        String networkInterface,
        Member node,
        Optional<Member> peer,
        Optional<InetAddress> inner,
        Optional<InetAddress> peerInner,
        List<InnerRoute> routes) {
    public ChildTarget {
        routes = List.copyOf(routes);
    }
}
