package dev.iptunnel.set.child;

import dev.iptunnel.set.ChildTunnel;
import dev.iptunnel.set.Edge;
import dev.iptunnel.set.SetNames;
import dev.iptunnel.set.TunnelSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tunnels of a set that exist.
 *
 * @param byEdge one for each edge: the set's own, or one that it adopts by applying it
 * @param doubles own ones whose edge another one has: they are surplus
 */
public record SetChildren(Map<Edge, ChildTunnel> byEdge, List<ChildTunnel> doubles) {
    public SetChildren {
        byEdge = Map.copyOf(byEdge);
        doubles = List.copyOf(doubles);
    }

    /**
     * Finds them. A tunnel without a controller reference, or with one to a set that is gone, is adopted if it has the
     * set's label, mode and the name that the set would give it: the set was deleted and made again. All others without the
     * set's UID are left alone.
     *
     * @param labelled IpTunnels with the set's name in the label {@link SetNames#SET}
     * @param liveSets the UIDs of all sets
     */
    public static SetChildren of(TunnelSet set, Collection<ChildTunnel> labelled, Set<String> liveSets) {
        List<ChildTunnel> ownFirst = labelled.stream()
                .filter(child -> isOwn(set, child) || isAdoptable(set, child, liveSets))
                .sorted(Comparator.comparing((ChildTunnel child) -> !isOwn(set, child))
                        .thenComparing(ChildTunnel::name))
                .toList();
        Map<Edge, ChildTunnel> byEdge = new HashMap<>();
        List<ChildTunnel> doubles = new ArrayList<>();
        for (ChildTunnel child : ownFirst) {
            if (byEdge.putIfAbsent(child.edge(), child) != null && isOwn(set, child)) {
                doubles.add(child);
            }
        }
        return new SetChildren(byEdge, doubles);
    }

    /** Whether the set owns it, so that the set may delete it. */
    public static boolean isOwn(TunnelSet set, ChildTunnel child) {
        return child.setUid().equals(set.uid());
    }

    private static boolean isAdoptable(TunnelSet set, ChildTunnel child, Set<String> liveSets) {
        return set.name().equals(child.labels().get(SetNames.SET))
                && !liveSets.contains(child.setUid())
                && set.template()
                        .mode()
                        .toString()
                        .equals(child.spec().path("mode").asText())
                && NamedEdges.isNameOf(set.name(), child.edge(), child.name());
    }
}
