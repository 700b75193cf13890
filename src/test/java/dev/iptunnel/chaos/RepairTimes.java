package dev.iptunnel.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** How long it took until the kernel was right again, by what had been done; printed in seconds. */
public final class RepairTimes {
    private final Map<String, List<Double>> seconds = new TreeMap<>();

    /** One more of a kind. */
    public void add(String kind, Duration time) {
        seconds.computeIfAbsent(kind, _ -> new ArrayList<>()).add(time.toNanos() / 1e9);
    }

    @Override
    public String toString() {
        List<Double> all = seconds.values().stream().flatMap(List::stream).toList();
        return seconds.entrySet().stream()
                .map(entry -> line(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining("\n", "", "\n" + line("all", all)));
    }

    private static String line(String title, List<Double> unsorted) {
        List<Double> sorted = new ArrayList<>(unsorted);
        Collections.sort(sorted);
        return sorted.isEmpty()
                ? title + ": none"
                : "%-27s count %3d, p50 %7.3f, p90 %7.3f, p99 %7.3f, max %7.3f"
                        .formatted(
                                title,
                                sorted.size(),
                                quantile(sorted, 0.5),
                                quantile(sorted, 0.9),
                                quantile(sorted, 0.99),
                                sorted.getLast());
    }

    private static double quantile(List<Double> sorted, double fraction) {
        return sorted.get((int) Math.ceil(fraction * sorted.size()) - 1);
    }
}
