package dev.iptunnel.set.member;

import static java.util.Comparator.comparing;

import dev.iptunnel.set.Edge;
import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.SetTopology;
import dev.iptunnel.set.TunnelSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The tunnels that a set's topology asks for.
 *
 * @param edges both ends of a pair next to one another; empty if there is a problem
 * @param problem then nothing of the set may be changed
 */
public record Edges(List<Edge> edges, Optional<SetProblem> problem) {
    /** Both directions of a pair are next to one another. */
    public static final Comparator<Edge> BY_PAIR = comparing((Edge edge) -> lower(edge))
            .thenComparing(edge -> lower(edge).equals(edge.node()) ? edge.peer() : edge.node())
            .thenComparing(Comparator.naturalOrder());

    /** The edges among these members, all of which have what they need. */
    public static Edges of(TunnelSet set, Collection<Member> members) {
        List<String> names = names(members, _ -> true);
        List<String> hubs = names(members, Member::hub);
        List<String> spokes = names(members, member -> !member.hub());
        long count = count(set.topology(), names.size(), hubs.size());
        if (count > set.maxTunnels()) {
            return new Edges(List.of(), Optional.of(tooMany(set)));
        }
        List<Edge> edges = new ArrayList<>(Math.toIntExact(count));
        switch (set.topology()) {
            case SetTopology.PerNode() -> names.forEach(name -> edges.add(new Edge(name, "")));
            case SetTopology.Mesh() -> mesh(names, edges);
            case SetTopology.HubAndSpoke(var _, boolean hubMesh) -> {
                if (hubs.isEmpty() && !names.isEmpty()) {
                    return new Edges(List.of(), Optional.of(noHub()));
                }
                hubs.forEach(hub -> spokes.forEach(spoke -> pair(hub, spoke, edges)));
                if (hubMesh) {
                    mesh(hubs, edges);
                }
            }
        }
        edges.sort(BY_PAIR);
        return new Edges(List.copyOf(edges), Optional.empty());
    }

    private static List<String> names(Collection<Member> members, Predicate<Member> which) {
        return members.stream().filter(which).map(Member::name).sorted().toList();
    }

    private static long count(SetTopology topology, long nodes, long hubs) {
        return switch (topology) {
            case SetTopology.PerNode() -> nodes;
            case SetTopology.Mesh() -> nodes * (nodes - 1);
            case SetTopology.HubAndSpoke(var _, boolean hubMesh) ->
                2 * hubs * (nodes - hubs) + (hubMesh ? hubs * (hubs - 1) : 0);
        };
    }

    private static void mesh(List<String> names, List<Edge> edges) {
        for (int i = 0; i < names.size(); i++) {
            for (int j = i + 1; j < names.size(); j++) {
                pair(names.get(i), names.get(j), edges);
            }
        }
    }

    private static void pair(String one, String other, List<Edge> edges) {
        edges.add(new Edge(one, other));
        edges.add(new Edge(other, one));
    }

    private static String lower(Edge edge) {
        return edge.peer().isEmpty() || edge.node().compareTo(edge.peer()) < 0 ? edge.node() : edge.peer();
    }

    private static SetProblem tooMany(TunnelSet set) {
        return new SetProblem(
                "",
                "",
                "TooManyTunnels",
                "the topology needs more tunnels for these nodes than maxTunnels, which is " + set.maxTunnels()
                        + ": select fewer nodes, write topology HubAndSpoke in another set, or write a larger maxTunnels;"
                        + " until then the set's tunnels stay as they are");
    }

    private static SetProblem noHub() {
        return new SetProblem(
                "",
                "",
                "NoHub",
                "hubSelector selects none of the set's nodes that can have tunnels: label a node as hub, or write another"
                        + " hubSelector; until then the set's tunnels stay as they are");
    }
}
