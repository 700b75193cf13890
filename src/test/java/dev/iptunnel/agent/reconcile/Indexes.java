package dev.iptunnel.agent.reconcile;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/** The indexes of an informer's cache; each look-up goes through all. */
final class Indexes {
    private final Map<String, Function<IpTunnel, List<String>>> indexers = new HashMap<>();

    void add(Map<String, Function<IpTunnel, List<String>>> more) {
        indexers.putAll(more);
    }

    List<IpTunnel> find(String index, String key, Stream<IpTunnel> all) {
        Function<IpTunnel, List<String>> indexer = indexers.getOrDefault(index, _ -> List.of());
        return all.filter(tunnel -> indexer.apply(tunnel).contains(key)).toList();
    }
}
