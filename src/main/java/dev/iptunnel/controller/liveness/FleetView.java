package dev.iptunnel.controller.liveness;

import dev.iptunnel.controller.cluster.StoredTunnel;
import dev.iptunnel.set.FleetNode;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.util.Collection;

/** What the controller's informers hold. All of it is read once in each look. */
public interface FleetView {
    /** All IpTunnels. */
    Collection<StoredTunnel> tunnels();

    /** All Nodes. */
    Collection<FleetNode> nodes();

    /** The Leases of the agents' namespace; others than the agents' are ignored. */
    Collection<Lease> leases();

    /**
     * Whether the watches of Leases and Nodes are alive: nothing arrived for at most 20 seconds on either, where a watch
     * is pinged every 15 seconds.
     */
    boolean isCurrent();
}
