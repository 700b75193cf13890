package dev.iptunnel.set;

import java.util.Comparator;

/**
 * A tunnel of a set: the node that holds it, and the node at its other end.
 *
 * @param peer empty in a set of topology {@code PerNode}
 */
public record Edge(String node, String peer) implements Comparable<Edge> {
    private static final Comparator<Edge> ORDER =
            Comparator.comparing(Edge::node).thenComparing(Edge::peer);

    /** The same pair of nodes, seen from the peer. */
    public Edge reversed() {
        return new Edge(peer, node);
    }

    /** Spreads the names of nodes, which often differ in a digit only: a mesh has thousands of edges in one table. */
    @Override
    public int hashCode() {
        int mixed = node.hashCode() * 0x9e3779b1 ^ peer.hashCode();
        return (mixed ^ mixed >>> 16) * 0x85ebca6b;
    }

    @Override
    public int compareTo(Edge other) {
        return ORDER.compare(this, other);
    }
}
