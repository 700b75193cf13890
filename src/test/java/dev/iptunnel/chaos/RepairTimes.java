package dev.iptunnel.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** How long it took from the end of a fault until the kernel was right again, in seconds, as seen by polling. */
final class RepairTimes {
    private final Map<FaultKind, List<Double>> seconds = new TreeMap<>();

    void add(FaultKind kind, Duration time) {
        seconds.computeIfAbsent(kind, _ -> new ArrayList<>()).add(time.toMillis() / 1e3);
    }

    @Override
    public String toString() {
        List<Double> all = seconds.values().stream().flatMap(List::stream).toList();
        return seconds.entrySet().stream()
                .map(entry -> line(entry.getKey().toString(), entry.getValue()))
                .collect(Collectors.joining("\n", "", "\n" + line("all", all)));
    }

    private static String line(String title, List<Double> unsorted) {
        List<Double> sorted = new ArrayList<>(unsorted);
        Collections.sort(sorted);
        return sorted.isEmpty()
                ? title + ": none"
                : "%-27s count %3d, p50 %6.2f, p90 %6.2f, p99 %6.2f, max %6.2f"
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
