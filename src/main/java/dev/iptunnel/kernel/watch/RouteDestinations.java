package dev.iptunnel.kernel.watch;

import dev.iptunnel.kernel.read.ObservedRoutes;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.tunnel.IpPrefix;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The interfaces that had a route to a destination in a table, by their indexes. Not thread-safe. */
final class RouteDestinations {
    private final Map<Key, Set<Integer>> interfaces = new HashMap<>();

    private record Key(AddressFamily family, int table, IpPrefix destination) {
        static Key of(Route route) {
            return new Key(route.family(), route.table(), ObservedRoutes.destination(route));
        }
    }

    void add(int ifindex, Collection<Route> routes) {
        routes.forEach(route ->
                interfaces.computeIfAbsent(Key.of(route), _ -> new HashSet<>()).add(ifindex));
    }

    void remove(int ifindex, Collection<Route> routes) {
        routes.forEach(route -> interfaces.computeIfPresent(Key.of(route), (_, indexes) -> {
            indexes.remove(ifindex);
            return indexes.isEmpty() ? null : indexes;
        }));
    }

    /** Those that had a route to the same destination in the same table. */
    Set<Integer> withRouteLike(Route route) {
        return Set.copyOf(interfaces.getOrDefault(Key.of(route), Set.of()));
    }
}
