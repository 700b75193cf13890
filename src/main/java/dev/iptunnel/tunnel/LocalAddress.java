package dev.iptunnel.tunnel;

import java.net.InetAddress;
import java.util.Optional;

/** Where the outer source address of a tunnel comes from. */
public sealed interface LocalAddress {
    /** The address in the spec; unspecified = any. */
    record Fixed(InetAddress address) implements LocalAddress {}

    /** The address of an interface; the tunnel follows its changes. */
    record OfInterface(String name) implements LocalAddress {}

    /** The node's own address when the agent started; empty if the node had none of the outer family. */
    record OfNode(Optional<InetAddress> address) implements LocalAddress {}
}
