package dev.iptunnel.diagnosis;

import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelParameters;
import java.net.InetAddress;
import java.util.List;
import java.util.OptionalInt;

/**
 * Which tunnel of a driver gets a packet of the remote. A driver prefers the tunnel that names more of the addresses. ipip and
 * ip6_tunnel first prefer one that is bound to the interface by which the packet came (ip_tunnel_lookup of {@code
 * net/ipv4/ip_tunnel.c}, ip6_tnl_lookup of {@code net/ipv6/ip6_tunnel.c}); sit leaves out one that is bound to another
 * (ipip6_tunnel_lookup of {@code net/ipv6/sit.c}).
 *
 * @param tunnel that should get them
 * @param source of its own packets, to which the remote's are sent
 * @param arrival the ifindex by which its packets come in
 */
record PacketTakers(TunnelParameters tunnel, InetAddress source, OptionalInt arrival) {
    private static final int NEVER = 100;
    private static final int BOUND_ELSEWHERE = 10;

    /** Those of the other tunnels that get its packets instead, or may get them. */
    List<ObservedLink> among(List<ObservedLink> others) {
        int own = rank(tunnel);
        return others.stream()
                .filter(ObservedLink::up)
                .filter(other -> other.tunnel()
                        .filter(candidate -> matches(candidate) && rank(candidate) != NEVER && rank(candidate) <= own)
                        .isPresent())
                .toList();
    }

    private boolean matches(TunnelParameters candidate) {
        return candidate.driver() == tunnel.driver()
                && (candidate.remote().isAnyLocalAddress() || candidate.remote().equals(tunnel.remote()))
                && (candidate.local().isAnyLocalAddress() || candidate.local().equals(source));
    }

    /** The smallest rank wins. */
    private int rank(TunnelParameters candidate) {
        int open = (candidate.remote().isAnyLocalAddress() ? 2 : 0)
                + (candidate.local().isAnyLocalAddress() ? 1 : 0);
        boolean bound = candidate.parent() != 0;
        boolean here = arrival.equals(OptionalInt.of(candidate.parent()));
        if (tunnel.driver() == TunnelDriver.SIT) {
            return bound && !here && arrival.isPresent() ? NEVER : open;
        }
        return open + (here ? 0 : BOUND_ELSEWHERE);
    }
}
