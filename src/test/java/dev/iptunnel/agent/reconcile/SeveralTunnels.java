package dev.iptunnel.agent.reconcile;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** An informer's cache with the objects that a test puts there. */
public final class SeveralTunnels implements IndexerResourceCache<IpTunnel> {
    private final Map<String, IpTunnel> byName = new TreeMap<>();
    private final Indexes indexes = new Indexes();

    /** Replaces an object of the same name. */
    public IpTunnel put(IpTunnel tunnel) {
        byName.put(tunnel.getMetadata().getName(), tunnel);
        return tunnel;
    }

    public void remove(String name) {
        byName.remove(name);
    }

    @Override
    public Optional<IpTunnel> get(ResourceID id) {
        return Optional.ofNullable(byName.get(id.getName()));
    }

    @Override
    public Stream<ResourceID> keys() {
        return list().map(ResourceID::fromResource);
    }

    @Override
    public Stream<IpTunnel> list(Predicate<IpTunnel> predicate) {
        return byName.values().stream().filter(predicate);
    }

    @Override
    public void addIndexers(Map<String, Function<IpTunnel, List<String>>> more) {
        indexes.add(more);
    }

    @Override
    public List<IpTunnel> byIndex(String index, String key) {
        return indexes.find(index, key, list());
    }

    /** The objects have no namespace. */
    @Override
    public Stream<IpTunnel> list(String namespace, Predicate<IpTunnel> predicate) {
        return Stream.empty();
    }
}
