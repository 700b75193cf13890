package dev.iptunnel.controller.cluster;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * What this process wrote and its watch has not shown yet. Without it, a pass that follows a write at once would create the
 * same tunnel again, or count a node that it has just changed as unchanged. Thread-safe.
 */
final class OwnWrites {
    /** A watch that is open shows a write within a second. A list may skip what came and went. */
    private static final Duration LONGEST = Duration.ofMinutes(1);

    private record Written(StoredTunnel tunnel, Instant when) {}

    private final InstantSource steady;
    /** By the object's name. */
    private final Map<String, Written> written = new ConcurrentHashMap<>();
    /** When objects were deleted, by UID. */
    private final Map<String, Instant> deleted = new ConcurrentHashMap<>();

    /** @param steady a clock that cannot be set */
    OwnWrites(InstantSource steady) {
        this.steady = steady;
    }

    void wrote(StoredTunnel tunnel) {
        written.put(tunnel.getMetadata().getName(), new Written(tunnel, steady.instant()));
    }

    void deleted(String uid) {
        deleted.put(uid, steady.instant());
    }

    /** The watch showed this object. */
    void shown(StoredTunnel tunnel) {
        written.computeIfPresent(
                tunnel.getMetadata().getName(), (_, own) -> version(tunnel) >= version(own.tunnel()) ? null : own);
    }

    /** The watch showed that this object is gone. */
    void gone(StoredTunnel tunnel) {
        deleted.remove(tunnel.getMetadata().getUid());
        written.computeIfPresent(
                tunnel.getMetadata().getName(),
                (_, own) -> own.tunnel()
                                .getMetadata()
                                .getUid()
                                .equals(tunnel.getMetadata().getUid())
                        ? null
                        : own);
    }

    /** What the watch showed, with the own writes over it. */
    List<StoredTunnel> over(Stream<StoredTunnel> shown) {
        Instant oldest = steady.instant().minus(LONGEST);
        written.values().removeIf(own -> own.when().isBefore(oldest));
        deleted.values().removeIf(when -> when.isBefore(oldest));
        Map<String, StoredTunnel> newer = new HashMap<>();
        written.forEach((name, own) -> newer.put(name, own.tunnel()));
        List<StoredTunnel> all = new ArrayList<>(shown.map(tunnel -> {
                    StoredTunnel own = newer.remove(tunnel.getMetadata().getName());
                    return own != null && version(own) > version(tunnel) ? own : tunnel;
                })
                .toList());
        all.addAll(newer.values());
        all.removeIf(tunnel -> deleted.containsKey(tunnel.getMetadata().getUid()));
        return all;
    }

    /** Resource versions of one resource can be compared as numbers (Kubernetes enhancement proposal 5504). */
    private static long version(StoredTunnel tunnel) {
        try {
            return Long.parseUnsignedLong(tunnel.getMetadata().getResourceVersion());
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
