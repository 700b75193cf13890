package dev.iptunnel.agent;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.javaoperatorsdk.operator.processing.event.source.Cache;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

/** The IpTunnels of the node as the informer has them; none before it started. */
final class NodeTunnels {
    private final AtomicReference<Optional<Cache<IpTunnel>>> cache = new AtomicReference<>(Optional.empty());

    void readFrom(Cache<IpTunnel> primaryCache) {
        cache.set(Optional.of(primaryCache));
    }

    Set<String> uids() {
        return cache.get().stream()
                .flatMap(Cache::list)
                .map(tunnel -> tunnel.getMetadata().getUid())
                .collect(Collectors.toSet());
    }
}
