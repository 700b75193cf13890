package dev.iptunnel.chaos;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** How much was compared, so that a check of nothing is seen. */
final class Tally {
    private final Map<String, Integer> counts = new TreeMap<>();

    void count(String what) {
        count(what, 1);
    }

    void count(String what, int number) {
        counts.merge(what, number, Integer::sum);
    }

    int of(String what) {
        return counts.getOrDefault(what, 0);
    }

    void add(Tally other) {
        other.counts.forEach(this::count);
    }

    @Override
    public String toString() {
        return counts.entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey())
                .collect(Collectors.joining(", "));
    }
}
