package dev.iptunnel.map;

/**
 * Where a line begins or ends.
 *
 * @param name the node's, or the address of an endpoint that is no known node
 */
record LineEnd(String name, boolean node) implements Comparable<LineEnd> {
    /** node2 before node10; an endpoint outside after all nodes. */
    @Override
    public int compareTo(LineEnd other) {
        return node == other.node
                ? NaturalOrder.BY_NUMBERS.compare(name, other.name)
                : Boolean.compare(other.node, node);
    }
}
