package dev.iptunnel.tunnel;

import java.net.InetAddress;
import java.util.Optional;

/** Where a tunnel's outer source address comes from. */
public sealed interface LocalAddress {
    /** As written; unspecified = any. */
    record Fixed(InetAddress address) implements LocalAddress {}

    /** The address of an interface, followed while it changes. */
    record OfInterface(String name) implements LocalAddress {}

    /** The node's own, as known at the agent's start; empty where the node has none of the outer family. */
    record OfNode(Optional<InetAddress> address) implements LocalAddress {}

    /**
     * The address to use now. One that is followed is sticky: the last one stays as long as the interface has it and none
     * is better, and while the interface has none that is fit to be an endpoint.
     *
     * @param source the interface that the address is taken from
     * @param last what the tunnel has now
     * @return empty where there never was one
     */
    default Optional<InetAddress> resolve(
            IpFamily outer, InetAddress remote, Optional<ObservedLink> source, Optional<InetAddress> last) {
        return switch (this) {
            case Fixed(InetAddress address) -> Optional.of(address);
            case OfNode(Optional<InetAddress> address) -> address.or(() -> last);
            case OfInterface _ ->
                source.flatMap(link -> LocalChoice.of(outer, remote, link.addresses(), last))
                        .or(() -> last);
        };
    }
}
