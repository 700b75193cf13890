package dev.iptunnel.agent.reconcile;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** An informer's cache that holds one IpTunnel. */
public record OneTunnel(IpTunnel tunnel, Indexes indexes) implements IndexerResourceCache<IpTunnel> {
    public OneTunnel(IpTunnel tunnel) {
        this(tunnel, new Indexes());
    }

    @Override
    public Optional<IpTunnel> get(ResourceID id) {
        return list().filter(known -> ResourceID.fromResource(known).equals(id)).findFirst();
    }

    @Override
    public Stream<ResourceID> keys() {
        return list().map(ResourceID::fromResource);
    }

    @Override
    public Stream<IpTunnel> list(Predicate<IpTunnel> predicate) {
        return Stream.of(tunnel).filter(predicate);
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
