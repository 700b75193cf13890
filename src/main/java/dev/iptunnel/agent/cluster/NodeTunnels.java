package dev.iptunnel.agent.cluster;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.Cache;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The node's IpTunnels in the informer's cache; none before the first list. */
public final class NodeTunnels {
    private volatile Optional<Cache<IpTunnel>> cache = Optional.empty();

    public void readFrom(Cache<IpTunnel> primaryCache) {
        cache = Optional.of(primaryCache);
    }

    public boolean isListed() {
        return cache.isPresent();
    }

    public Optional<IpTunnel> byName(String name) {
        return cache.flatMap(known -> known.get(new ResourceID(name)));
    }

    /** Whether this object, and not only one of the same name, exists. */
    public boolean holds(IpTunnel tunnel) {
        return byName(tunnel.getMetadata().getName())
                .filter(known ->
                        known.getMetadata().getUid().equals(tunnel.getMetadata().getUid()))
                .isPresent();
    }

    /** Whether this object exists with this spec; true before the first list. */
    public boolean isCurrent(IpTunnel tunnel) {
        return cache.isEmpty()
                || byName(tunnel.getMetadata().getName())
                        .map(IpTunnel::getMetadata)
                        .filter(known ->
                                known.getUid().equals(tunnel.getMetadata().getUid())
                                        && Objects.equals(
                                                known.getGeneration(),
                                                tunnel.getMetadata().getGeneration()))
                        .isPresent();
    }

    public Set<String> names() {
        return list().map(tunnel -> tunnel.getMetadata().getName()).collect(Collectors.toSet());
    }

    public Set<String> uids() {
        return list().map(tunnel -> tunnel.getMetadata().getUid()).collect(Collectors.toSet());
    }

    public Stream<IpTunnel> list() {
        return cache.stream().flatMap(Cache::list);
    }
}
