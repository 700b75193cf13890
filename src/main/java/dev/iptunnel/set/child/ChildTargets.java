package dev.iptunnel.set.child;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toMap;

import dev.iptunnel.set.Edge;
import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.set.member.Member;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What membership says about the tunnels of a set.
 *
 * @param targets in the order of the edges, those without a name left out
 * @param problems of single nodes
 */
public record ChildTargets(List<ChildTarget> targets, List<SetProblem> problems) {

    /**
     * Puts together what was decided.
     *
     * @param members at least those of the edges
     * @param addresses the inner addresses by node
     */
    public static ChildTargets of(
            TunnelSet set,
            Collection<Member> members,
            List<Edge> edges,
            Map<Edge, NamedEdges.Name> names,
            Map<String, InetAddress> addresses) {
        Map<String, Member> byName = members.stream().collect(toMap(Member::name, identity()));
        PeerRouting routing = new PeerRouting(set, members);
        List<ChildTarget> targets = new ArrayList<>(edges.size());
        for (Edge edge : edges) {
            NamedEdges.Name name = names.get(edge);
            Member node = byName.get(edge.node());
            if (name == null || node == null) {
                continue;
            }
            Optional<Member> peer = Optional.ofNullable(byName.get(edge.peer()));
            targets.add(new ChildTarget(
                    edge,
                    name.tunnel(),
                    Optional.ofNullable(names.get(edge.reversed())).map(NamedEdges.Name::tunnel),
                    name.networkInterface(),
                    node,
                    peer,
                    Optional.ofNullable(addresses.get(edge.node())),
                    Optional.ofNullable(addresses.get(edge.peer())),
                    peer.map(other -> routing.routes(node, other)).orElse(List.of())));
        }
        return new ChildTargets(List.copyOf(targets), routing.problems());
    }
}
