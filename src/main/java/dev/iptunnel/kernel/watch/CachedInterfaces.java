package dev.iptunnel.kernel.watch;

import dev.iptunnel.kernel.read.FallbackDevices;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.tunnel.TunnelDriver;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
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

    CachedInterface add(Link link) {
        CachedInterface known = new CachedInterface(link);
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
        byIndex.remove(known.link().index());
        unregister(known);
    }

    private void register(CachedInterface known) {
        Link link = known.link();
        link.names().forEach(name -> byName.computeIfAbsent(name, _ -> new ArrayList<>())
                .add(known));
        FallbackDevices.driverForAllRemotes(link).ifPresent(driver -> forAllRemotes.put(link.index(), driver));
    }

    private void unregister(CachedInterface known) {
        forAllRemotes.remove(known.link().index());
        known.link()
                .names()
                .forEach(name -> byName.computeIfPresent(name, (_, all) -> {
                    all.remove(known);
                    return all.isEmpty() ? null : all;
                }));
    }

    void clear() {
        byIndex.clear();
        byName.clear();
        forAllRemotes.clear();
    }
}
