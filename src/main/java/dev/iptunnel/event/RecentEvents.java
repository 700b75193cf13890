package dev.iptunnel.event;

import dev.iptunnel.event.EventSeries.Moment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The Events of the last minutes, by object. Not thread-safe. */
final class RecentEvents {
    private final int most;
    private final Map<String, Map<Occurrence, EventSeries>> byUid = new HashMap<>();
    private int size;

    /** @param most so many are remembered, and no further ones */
    RecentEvents(int most) {
        this.most = most;
    }

    Optional<EventSeries> of(Occurrence occurrence) {
        return Optional.ofNullable(
                byUid.getOrDefault(occurrence.uid(), Map.of()).get(occurrence));
    }

    /** How many Events of this object are not over. */
    long countOf(String uid, Moment now) {
        return byUid.getOrDefault(uid, Map.of()).values().stream()
                .filter(series -> !series.isOver(now))
                .count();
    }

    void remember(Occurrence occurrence, EventSeries series) {
        if (size < most) {
            Map<Occurrence, EventSeries> ofObject = byUid.computeIfAbsent(occurrence.uid(), _ -> new HashMap<>());
            int before = ofObject.size();
            ofObject.put(occurrence, series);
            size += ofObject.size() - before;
        }
    }

    void forget(Occurrence occurrence) {
        byUid.computeIfPresent(occurrence.uid(), (_, ofObject) -> {
            size -= ofObject.remove(occurrence) == null ? 0 : 1;
            return ofObject.isEmpty() ? null : ofObject;
        });
    }

    /** A copy. */
    List<Map.Entry<Occurrence, EventSeries>> all() {
        return byUid.values().stream()
                .flatMap(ofObject -> ofObject.entrySet().stream())
                .map(entry -> Map.entry(entry.getKey(), entry.getValue()))
                .toList();
    }
}
