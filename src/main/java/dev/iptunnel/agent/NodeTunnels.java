package dev.iptunnel.agent;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.Cache;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The IpTunnels of the node as the informer has them; none before it started. */
final class NodeTunnels {
    private volatile Optional<Cache<IpTunnel>> cache = Optional.empty();

    void readFrom(Cache<IpTunnel> primaryCache) {
        cache = Optional.of(primaryCache);
    }

    Optional<IpTunnel> byName(String name) {
        return cache.flatMap(known -> known.get(new ResourceID(name)));
    }

    /** Whether this very object is there, and not only one of its name. */
    boolean holds(IpTunnel tunnel) {
        return byName(tunnel.getMetadata().getName())
                .filter(known ->
                        known.getMetadata().getUid().equals(tunnel.getMetadata().getUid()))
                .isPresent();
    }

    Set<String> names() {
        return list().map(tunnel -> tunnel.getMetadata().getName()).collect(Collectors.toSet());
    }

    Set<String> uids() {
        return list().map(tunnel -> tunnel.getMetadata().getUid()).collect(Collectors.toSet());
    }

    Stream<IpTunnel> list() {
        return cache.stream().flatMap(Cache::list);
    }
}
