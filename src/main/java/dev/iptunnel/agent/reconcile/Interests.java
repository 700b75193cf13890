package dev.iptunnel.agent.reconcile;

import dev.iptunnel.kernel.KernelEvent;
import dev.iptunnel.kernel.KernelEvent.EverythingChanged;
import dev.iptunnel.kernel.KernelEvent.FallbackChanged;
import dev.iptunnel.kernel.KernelEvent.LinkChanged;
import dev.iptunnel.kernel.KernelEvent.RouteChanged;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.PrefixIndex;
import dev.iptunnel.tunnel.TunnelDriver;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which tunnels a change concerns, by what it is about: a look-up takes as long as it finds, however many tunnels there are.
 * Not thread-safe.
 */
final class Interests {
    private final Map<String, Set<String>> byInterface = new HashMap<>();
    private final Map<TunnelDriver, Set<String>> byDriver = new HashMap<>();
    private final Map<String, Set<String>> byRival = new HashMap<>();
    /** Of outer addresses, and of what inner addresses and routes lead to. */
    private final PrefixIndex<String> byDestination = new PrefixIndex<>();
    /** Those that may wait for the endpoints of another tunnel. */
    private final Set<String> waiting = new HashSet<>();

    void add(String name, RegistryEntry entry) {
        entry.interfaces().forEach(other -> put(byInterface, other, name));
        entry.driver().ifPresent(driver -> put(byDriver, driver, name));
        entry.rival().ifPresent(rival -> put(byRival, rival, name));
        destinations(entry).forEach(destination -> byDestination.add(destination, name));
        if (entry.waits()) {
            waiting.add(name);
        }
    }

    void remove(String name, RegistryEntry entry) {
        entry.interfaces().forEach(other -> take(byInterface, other, name));
        entry.driver().ifPresent(driver -> take(byDriver, driver, name));
        entry.rival().ifPresent(rival -> take(byRival, rival, name));
        destinations(entry).forEach(destination -> byDestination.remove(destination, name));
        waiting.remove(name);
    }

    private static Stream<IpPrefix> destinations(RegistryEntry entry) {
        return Stream.concat(
                        entry.outer().stream().map(IpPrefix::host),
                        entry.inner().stream().map(IpPrefix::network))
                .distinct();
    }

    Set<String> concernedBy(KernelEvent event) {
        return switch (event) {
            case LinkChanged link -> concernedBy(link);
            // Those with an outer address that the route leads to, and those that may take over what it leads to.
            case RouteChanged route -> byDestination.overlapping(route.destination());
            case FallbackChanged fallback -> found(byDriver, fallback.driver());
            case EverythingChanged _ -> throw new IllegalArgumentException("of every tunnel nothing is looked up");
        };
    }

    /** The tunnels that use this interface; where it is a tunnel, those too that may wait for its endpoints. */
    private Set<String> concernedBy(LinkChanged link) {
        Set<String> concerned = new HashSet<>(found(byInterface, link.name()));
        if (link.tunnel()) {
            concerned.addAll(waiting);
        }
        return concerned;
    }

    /** Those that were refused for the object of that name. */
    Set<String> waitingFor(String rival) {
        return found(byRival, rival);
    }

    private static <K> Set<String> found(Map<K, Set<String>> index, K key) {
        return Set.copyOf(index.getOrDefault(key, Set.of()));
    }

    private static <K> void put(Map<K, Set<String>> index, K key, String name) {
        index.computeIfAbsent(key, _ -> new HashSet<>()).add(name);
    }

    private static <K> void take(Map<K, Set<String>> index, K key, String name) {
        index.computeIfPresent(key, (_, names) -> {
            names.remove(name);
            return names.isEmpty() ? null : names;
        });
    }
}
