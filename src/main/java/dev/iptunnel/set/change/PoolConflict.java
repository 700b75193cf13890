package dev.iptunnel.set.change;

import dev.iptunnel.set.AddressRanges;
import dev.iptunnel.set.FleetNode;
import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether a set's pool has addresses that something else has: then nothing of the set may be changed. */
public final class PoolConflict {
    private PoolConflict() {}

    /** The pool of another set. */
    public record OtherPool(String set, String uid, Instant created, AddressRanges ranges) {}

    /**
     * The first conflict, with an older set, or with the pods or an address of a Node.
     *
     * @param others the pools of the other sets
     * @param nodes all Nodes of the cluster
     */
    public static Optional<SetProblem> of(TunnelSet set, Collection<OtherPool> others, Collection<FleetNode> nodes) {
        return set.pool().flatMap(pool -> Stream.concat(withSets(set, pool, others), withNodes(pool, nodes))
                .findFirst());
    }

    private static Stream<SetProblem> withSets(TunnelSet set, AddressRanges pool, Collection<OtherPool> others) {
        return others.stream()
                .filter(other ->
                        !other.uid().equals(set.uid()) && Precedence.isOlder(other.created(), other.uid(), set))
                .sorted(Comparator.comparing(OtherPool::set))
                .flatMap(other -> other.ranges().networks().stream().flatMap(network -> overlapping(pool, network)
                        .filter(own -> !isExcluded(other.ranges(), narrower(own, network)))
                        .map(own -> problem(
                                "",
                                own + " of addressPool overlaps " + network + " of the IpTunnelSet " + other.set()
                                        + ", which is older"))));
    }

    private static Stream<SetProblem> withNodes(AddressRanges pool, Collection<FleetNode> nodes) {
        return nodes.stream()
                .sorted(Comparator.comparing(FleetNode::name))
                .flatMap(node -> Stream.concat(
                        node.podNetworks().stream().flatMap(pods -> overlapping(pool, pods)
                                .map(own -> problem(
                                        node.name(),
                                        own + " of addressPool overlaps the pods' network " + pods + " of the node"))),
                        node.addresses().stream()
                                .map(listed -> IpPrefix.host(listed.address()))
                                .flatMap(address -> overlapping(pool, address)
                                        .map(own -> problem(
                                                node.name(),
                                                own + " of addressPool contains " + IpFamily.format(address.address())
                                                        + ", an address of the node")))));
    }

    /** The networks of the pool that have addresses in common with it which are not excluded. */
    private static Stream<IpPrefix> overlapping(AddressRanges pool, IpPrefix other) {
        return pool.networks().stream()
                .filter(own -> own.overlaps(other))
                .filter(own -> !isExcluded(pool, narrower(own, other)));
    }

    private static IpPrefix narrower(IpPrefix one, IpPrefix other) {
        return one.length() >= other.length() ? one : other;
    }

    private static boolean isExcluded(AddressRanges pool, IpPrefix network) {
        return pool.excluded().stream().anyMatch(excluded -> excluded.covers(network));
    }

    private static SetProblem problem(String node, String what) {
        return new SetProblem(
                node,
                "",
                "PoolConflict",
                what
                        + ": exclude these addresses in addressPool.excluded, or make another set with other networks; until"
                        + " then the set's tunnels stay as they are");
    }
}
