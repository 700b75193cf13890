package dev.iptunnel.tunnel;

import java.net.InetAddress;
import java.util.Optional;

/**
 * An address of the tunnel's interface.
 *
 * @param prefix the address; with a peer, the length is of the peer's prefix
 * @param peer the other end of a point-to-point address
 */
public record InnerAddress(IpPrefix prefix, Optional<InetAddress> peer) {
    /** Without a peer. */
    public InnerAddress(IpPrefix prefix) {
        this(prefix, Optional.empty());
    }

    public InetAddress address() {
        return prefix.address();
    }

    /** What the kernel makes a connected route to. */
    IpPrefix network() {
        return new IpPrefix(peer.orElse(prefix.address()), prefix.length()).network();
    }

    /** As ip-address(8) takes it: {@code 192.0.2.1/30}, {@code 192.0.2.1 peer 192.0.2.2/32}. */
    @Override
    public String toString() {
        return peer.map(far -> IpFamily.format(address()) + " peer " + new IpPrefix(far, prefix.length()))
                .orElseGet(prefix::toString);
    }
}
