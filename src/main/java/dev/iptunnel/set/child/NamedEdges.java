package dev.iptunnel.set.child;

import dev.iptunnel.set.ChildTunnel;
import dev.iptunnel.set.Edge;
import dev.iptunnel.set.TunnelSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The names of the tunnels of these edges. Tunnels that exist keep theirs.
 *
 * @param collisions of the set, raised if names of new tunnels clashed; to be stored in its status
 */
public record NamedEdges(Map<Edge, Name> names, int collisions) {
    /** More clashes in one pass do not happen by chance: each has a probability of 1 to 10^11 or so. */
    private static final int MOST_ROUNDS = 8;

    /** The names of an IpTunnel and of its interface. */
    public record Name(String tunnel, String networkInterface) {}

    /**
     * Names that the set cannot have.
     *
     * @param tunnels names of IpTunnels that are not the set's
     * @param interfaces by node
     */
    public record Taken(Set<String> tunnels, Map<String, Set<String>> interfaces) {
        public static final Taken NOTHING = new Taken(Set.of(), Map.of());
    }

    public NamedEdges {
        names = Map.copyOf(names);
    }

    /**
     * Names the edges.
     *
     * @param existing the set's tunnels by edge, as {@link SetChildren} found them
     * @param collisions as the set's status has it
     */
    public static NamedEdges of(
            TunnelSet set, Collection<Edge> edges, Map<Edge, ChildTunnel> existing, Taken taken, int collisions) {
        Map<Edge, Name> kept = new HashMap<>();
        existing.forEach((edge, child) -> kept.put(edge, name(child)));
        List<Edge> fresh =
                edges.stream().filter(edge -> !kept.containsKey(edge)).toList();
        Optional<Map<Edge, Name>> names = Optional.empty();
        int count = collisions;
        for (; names.isEmpty() && count < collisions + MOST_ROUNDS; count++) {
            names = tried(set, fresh, kept, taken, count);
        }
        Map<Edge, Name> found = names.orElse(kept);
        Map<Edge, Name> all = new HashMap<>();
        edges.forEach(edge -> Optional.ofNullable(found.get(edge)).ifPresent(name -> all.put(edge, name)));
        return new NamedEdges(all, names.isPresent() ? count - 1 : count);
    }

    /** Whether a tunnel of the edge may have been made with this name. */
    static boolean isNameOf(String set, Edge edge, String name) {
        for (int count = 0; count <= MOST_ROUNDS; count++) {
            if (ChildNames.tunnel(set, edge, count).equals(name)) {
                return true;
            }
        }
        return false;
    }

    private static Optional<Map<Edge, Name>> tried(
            TunnelSet set, List<Edge> fresh, Map<Edge, Name> kept, Taken taken, int count) {
        Set<String> tunnels = new HashSet<>(taken.tunnels());
        Map<String, Set<String>> interfaces = new HashMap<>();
        taken.interfaces().forEach((node, names) -> interfaces.put(node, new HashSet<>(names)));
        Map<Edge, Name> all = new HashMap<>(kept);
        kept.forEach((edge, name) -> {
            tunnels.add(name.tunnel());
            interfaces.computeIfAbsent(edge.node(), _ -> new HashSet<>()).add(name.networkInterface());
        });
        // PerNode with a name in the template: the name is the user's, and a clash is a conflict.
        boolean named = set.template().spec().has("interfaceName");
        Map<String, String> byPeer = new HashMap<>();
        for (Edge edge : fresh) {
            String networkInterface = named
                    ? set.template().spec().path("interfaceName").asText()
                    : byPeer.computeIfAbsent(edge.peer(), peer -> ChildNames.networkInterface(set, peer, count));
            Name name = new Name(ChildNames.tunnel(set.name(), edge, count), networkInterface);
            boolean free = tunnels.add(name.tunnel());
            boolean freeInterface = interfaces
                    .computeIfAbsent(edge.node(), _ -> new HashSet<>())
                    .add(networkInterface);
            if (!free || (!freeInterface && !named)) {
                return Optional.empty();
            }
            all.put(edge, name);
        }
        return Optional.of(all);
    }

    private static Name name(ChildTunnel child) {
        return new Name(child.name(), child.spec().path("interfaceName").asText(child.name()));
    }
}
