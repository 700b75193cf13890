package dev.iptunnel.agent.cluster;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.tunnel.IpFamily;
import io.javaoperatorsdk.operator.api.reconciler.IndexedResourceCache;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.Cache;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The node's IpTunnels in the informer's cache; none before the first list. */
public final class NodeTunnels {
    private volatile Optional<IndexedResourceCache<IpTunnel>> cache = Optional.empty();

    /** How often the spec of any object changed, objects that came and went among them. */
    private final AtomicLong changes = new AtomicLong();

    /** What objects are found by, besides their names. */
    public enum Index {
        UID {
            @Override
            Optional<String> keyOf(IpTunnel tunnel) {
                return Optional.ofNullable(tunnel.getMetadata().getUid());
            }
        },
        /** The name of the interface that the object is about. */
        INTERFACE {
            @Override
            Optional<String> keyOf(IpTunnel tunnel) {
                return Optional.of(tunnel.interfaceName());
            }
        },
        /** The canonical text of the remote, or {@code any}. */
        REMOTE {
            @Override
            Optional<String> keyOf(IpTunnel tunnel) {
                String remote = Objects.requireNonNullElse(tunnel.getSpec().remote(), "");
                return IpFamily.literal(remote).map(IpFamily::format).or(() -> Optional.of(remote));
            }
        };

        abstract Optional<String> keyOf(IpTunnel tunnel);
    }

    /**
     * Reads from this cache from now on.
     *
     * @param primaryCache before it has anything
     */
    public void readFrom(IndexerResourceCache<IpTunnel> primaryCache) {
        for (Index index : Index.values()) {
            primaryCache.addIndexer(
                    index.name(), tunnel -> Optional.of(tunnel).filter(IpTunnel::hasSpec).flatMap(index::keyOf).stream()
                            .toList());
        }
        cache = Optional.of(primaryCache);
    }

    /** In no order. */
    public Stream<IpTunnel> by(Index index, String key) {
        return cache.stream().flatMap(known -> known.byIndex(index.name(), key).stream());
    }

    /** The spec of an object changed, or the object came or went. */
    public void changed() {
        changes.incrementAndGet();
    }

    /** Grows with each such change. */
    public long changes() {
        return changes.get();
    }

    /** Whether an object of that UID exists. */
    public boolean hasUid(String uid) {
        return by(Index.UID, uid).findAny().isPresent();
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
