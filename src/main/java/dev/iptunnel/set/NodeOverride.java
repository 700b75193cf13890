package dev.iptunnel.set;

import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * What a set says about one node.
 *
 * @param outer used instead of the Node's address
 * @param inner used instead of an address that the pool chooses
 * @param networks behind the node: peers route them to it
 * @param excluded whether the node has no tunnels of the set
 */
public record NodeOverride(
        Optional<InetAddress> outer, Optional<InetAddress> inner, List<IpPrefix> networks, boolean excluded) {
    public static final NodeOverride NONE = new NodeOverride(Optional.empty(), Optional.empty(), List.of(), false);

    public NodeOverride {
        networks = List.copyOf(networks);
    }
}
