package dev.iptunnel.pairing;

import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.Optional;

/**
 * What an address or a route of a tunnel sends into it.
 *
 * @param address the node's own address on the tunnel; empty for a route
 * @param destination what is sent into the tunnel: the address's network or peer, or the destination of the route
 */
public record InnerWay(Optional<InetAddress> address, IpPrefix destination) {
    /** An address, with the network that it brings along. */
    public static InnerWay of(IpPrefix address) {
        return new InnerWay(Optional.of(address.address()), address.network());
    }

    /** An address with the address of the other end. */
    public static InnerWay of(IpPrefix address, InetAddress peer) {
        return new InnerWay(Optional.of(address.address()), IpPrefix.host(peer));
    }

    /** A route. */
    public static InnerWay to(IpPrefix destination) {
        return new InnerWay(Optional.empty(), destination);
    }
}
