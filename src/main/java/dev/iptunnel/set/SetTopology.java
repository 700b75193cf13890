package dev.iptunnel.set;

/** Which nodes of a set have tunnels to which others. */
public sealed interface SetTopology {
    /** One tunnel on each node, to the remote of the template. */
    record PerNode() implements SetTopology {}

    /** A tunnel from each node to each other one. */
    record Mesh() implements SetTopology {}

    /**
     * Tunnels between each spoke and each hub, both directions.
     *
     * @param hubs which of the set's nodes are hubs
     * @param hubMesh whether the hubs have tunnels to one another
     */
    record HubAndSpoke(NodeSelector hubs, boolean hubMesh) implements SetTopology {}
}
