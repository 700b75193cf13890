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
}
