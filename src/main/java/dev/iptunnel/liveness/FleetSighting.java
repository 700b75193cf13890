package dev.iptunnel.liveness;

import dev.iptunnel.set.FleetNode;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What is seen of all agents at one instant.
 *
 * @param now on a clock that cannot be set
 * @param current whether the watches of Leases and Nodes are alive
 * @param renewals of each node with a Lease, a text that changes with each renewal
 * @param nodes whether each Node is ready
 * @param served of each node with tunnels, whether an agent has ever written of one of them
 */
public record FleetSighting(
        Instant now,
        boolean current,
        Map<String, String> renewals,
        Map<String, Boolean> nodes,
        Map<String, Boolean> served) {
    public FleetSighting {
        renewals = Map.copyOf(renewals);
        nodes = Map.copyOf(nodes);
        served = Map.copyOf(served);
    }

    /** By name, whether each is ready. */
    public static Map<String, Boolean> readiness(Collection<FleetNode> nodes) {
        return nodes.stream().collect(Collectors.toMap(FleetNode::name, FleetNode::ready));
    }

    /** The nodes whose agents are judged. */
    Set<String> judged() {
        Set<String> judged = new TreeSet<>(renewals.keySet());
        judged.addAll(served.keySet());
        return judged;
    }
}
