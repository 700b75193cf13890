package dev.iptunnel.pairing;

import java.net.InetAddress;
import java.util.Set;

/**
 * A node of the cluster.
 *
 * @param own addresses that its interfaces have
 * @param external addresses by which others reach it, which may be translated on the way
 */
public record ClusterNode(String name, Set<InetAddress> own, Set<InetAddress> external) {
    public ClusterNode {
        own = Set.copyOf(own);
        external = Set.copyOf(external);
    }
}
