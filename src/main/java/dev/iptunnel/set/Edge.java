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

    @Override
    public int compareTo(Edge other) {
        return ORDER.compare(this, other);
    }
}
