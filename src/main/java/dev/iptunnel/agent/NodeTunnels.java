package dev.iptunnel.agent;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.javaoperatorsdk.operator.processing.event.source.Cache;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The IpTunnels of the node as the informer has them; none before it started. */
final class NodeTunnels {
    private volatile Optional<Cache<IpTunnel>> cache = Optional.empty();

    void readFrom(Cache<IpTunnel> primaryCache) {
        cache = Optional.of(primaryCache);
    }

    Set<String> uids() {
        return cache.stream()
                .flatMap(Cache::list)
                .map(tunnel -> tunnel.getMetadata().getUid())
                .collect(Collectors.toSet());
    }
}
