package dev.iptunnel.set.pass;

import dev.iptunnel.set.ChildTunnel;
import dev.iptunnel.set.FleetNode;
import dev.iptunnel.set.change.Claim;
import dev.iptunnel.set.change.PoolConflict.OtherPool;
import dev.iptunnel.set.revision.Revisions;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the cluster has, as one pass sees it.
 *
 * @param nodes all Nodes
 * @param labelled the IpTunnels with the set's name in their label
 * @param sets the UIDs of all sets
 * @param claims of all IpTunnels that are not in {@code labelled}
 * @param pools of all other sets
 * @param dead nodes whose Node is NotReady or whose agent does not respond
 * @param confirmedGone nodes of which a direct read said that the Node does not exist
 * @param addresses what is stored of the inner addresses; absent: nothing is
 * @param revisions what is stored of the set's templates
 * @param collisions as the set's status has it
 * @param retried the revision that was tried again because somebody asked for it
 * @param now nanoseconds of a monotonic clock
 * @param wall the time for people
 */
public record PassInput(
        List<FleetNode> nodes,
        List<ChildTunnel> labelled,
        Set<String> sets,
        Collection<Claim> claims,
        Collection<OtherPool> pools,
        Set<String> dead,
        Set<String> confirmedGone,
        Optional<Map<String, String>> addresses,
        Revisions revisions,
        int collisions,
        Optional<String> retried,
        long now,
        Instant wall) {}
