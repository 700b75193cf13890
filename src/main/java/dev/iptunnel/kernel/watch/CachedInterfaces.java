package dev.iptunnel.kernel.watch;

import dev.iptunnel.kernel.read.DirectReads;
import dev.iptunnel.kernel.read.FallbackDevices;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.tunnel.Endpoints;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelDriver;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The interfaces that are known, by index and by each of their names. Two may seem to have the same name where one was
 * read after it took the name of another, whose notification is still to come. Not thread-safe.
 */
final class CachedInterfaces {
    private final Map<Integer, CachedInterface> byIndex = new HashMap<>();
    private final Map<String, List<CachedInterface>> byName = new HashMap<>();
    /** The devices that are for all remotes, each with its driver. */
    private final Map<Integer, TunnelDriver> forAllRemotes = new TreeMap<>();
    /** The tunnels with a mark, by the name of the object that it names. */
    private final Map<String, Set<Integer>> byObject = new HashMap<>();

    /** The tunnels that are down, except devices for all remotes: the kernel does not notify of their marks. */
    private final Set<Integer> down = new HashSet<>();

    private final RouteDestinations destinations = new RouteDestinations();
    private final Map<Endpoints, Set<Integer>> byEndpoints = new HashMap<>();
    /** What each is found by at present. */
    private final Map<Integer, Keys> keys = new HashMap<>();

    private record Keys(Optional<String> object, Optional<Endpoints> endpoints) {
        static Keys of(Link link) {
            return link.tunnel().isEmpty()
                    ? new Keys(Optional.empty(), Optional.empty())
                    : new Keys(link.alias().flatMap(Mark::parse).map(Mark::name), DirectReads.endpointsOf(link));
        }
    }

    Collection<CachedInterface> all() {
        return List.copyOf(byIndex.values());
    }

    Optional<CachedInterface> of(int index) {
        return Optional.ofNullable(byIndex.get(index));
    }

    /** Those that seem to have the name; the one that got it last comes first. */
    List<CachedInterface> named(String name) {
        return List.copyOf(byName.getOrDefault(name, List.of())).reversed();
    }

    /** Of one driver, in the order of their indexes. */
    List<CachedInterface> forAllRemotes(TunnelDriver driver) {
        return forAllRemotes.entrySet().stream()
                .filter(known -> known.getValue() == driver)
                .flatMap(known -> of(known.getKey()).stream())
                .toList();
    }

    /** Of any driver, by index. */
    Set<Integer> forAllRemotes() {
        return Set.copyOf(forAllRemotes.keySet());
    }

    /** By the name of the object in their marks; those that may have got such a mark without a notification as well. */
    Set<Integer> ofObject(String name) {
        Set<Integer> indexes = new HashSet<>(down);
        indexes.addAll(byObject.getOrDefault(name, Set.of()));
        return indexes;
    }

    Set<Integer> holding(Endpoints endpoints) {
        return Set.copyOf(byEndpoints.getOrDefault(endpoints, Set.of()));
    }

    /** Those that had a followed route to the same destination in the same table, even if forgotten since. */
    Collection<CachedInterface> withRouteLike(Route route) {
        return destinations.withRouteLike(route).stream()
                .flatMap(index -> of(index).stream())
                .toList();
    }

    CachedInterface add(Link link) {
        CachedInterface known = new CachedInterface(link, destinations);
        byIndex.put(link.index(), known);
        register(known);
        return known;
    }

    /** Without an event. */
    void read(CachedInterface known, Link now) {
        unregister(known);
        known.read(now);
        register(known);
    }

    /** With an event. */
    void report(CachedInterface known, Link now) {
        read(known, now);
        known.report(now);
    }

    void remove(CachedInterface known) {
        known.remove();
        byIndex.remove(known.link().index());
        unregister(known);
    }

    private void register(CachedInterface known) {
        Link link = known.link();
        link.names().forEach(name -> byName.computeIfAbsent(name, _ -> new ArrayList<>())
                .add(known));
        FallbackDevices.driverForAllRemotes(link).ifPresent(driver -> forAllRemotes.put(link.index(), driver));
        if (known.isTunnel() && !link.up() && !FallbackDevices.isFallback(link)) {
            down.add(link.index());
        }
        Keys found = Keys.of(link);
        keys.put(link.index(), found);
        found.object().ifPresent(object -> put(byObject, object, link.index()));
        found.endpoints().ifPresent(endpoints -> put(byEndpoints, endpoints, link.index()));
    }

    private void unregister(CachedInterface known) {
        int index = known.link().index();
        forAllRemotes.remove(index);
        down.remove(index);
        Optional.ofNullable(keys.remove(index)).ifPresent(found -> {
            found.object().ifPresent(object -> take(byObject, object, index));
            found.endpoints().ifPresent(endpoints -> take(byEndpoints, endpoints, index));
        });
        known.link()
                .names()
                .forEach(name -> byName.computeIfPresent(name, (_, all) -> {
                    all.remove(known);
                    return all.isEmpty() ? null : all;
                }));
    }

    private static <K> void put(Map<K, Set<Integer>> indexes, K key, int index) {
        indexes.computeIfAbsent(key, _ -> new HashSet<>()).add(index);
    }

    private static <K> void take(Map<K, Set<Integer>> indexes, K key, int index) {
        indexes.computeIfPresent(key, (_, all) -> {
            all.remove(index);
            return all.isEmpty() ? null : all;
        });
    }

    void clear() {
        byIndex.values().forEach(CachedInterface::remove);
        byIndex.clear();
        byObject.clear();
        byEndpoints.clear();
        keys.clear();
        byName.clear();
        forAllRemotes.clear();
        down.clear();
    }
}
