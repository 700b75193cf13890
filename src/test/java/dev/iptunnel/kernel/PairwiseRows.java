package dev.iptunnel.kernel;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Rows with a value for each column, so that every two values that go together are together in a row, made greedily: the
 * same columns give the same rows.
 */
final class PairwiseRows {
    private final Map<String, List<String>> columns;
    private final Predicate<Map<String, String>> allowed;
    private final Map<Cell, Integer> used = new HashMap<>();

    /** @param allowed whether a row may be so, be it complete or not; it never leaves a column without a value */
    PairwiseRows(Map<String, List<String>> columns, Predicate<Map<String, String>> allowed) {
        this.columns = columns;
        this.allowed = allowed;
    }

    /** A value in its column. */
    record Cell(String column, String value) {}

    /** Two values that go together, in the order of the columns' names. */
    record Pair(Cell one, Cell other) {
        static Pair of(Cell one, Cell other) {
            return one.column().compareTo(other.column()) < 0 ? new Pair(one, other) : new Pair(other, one);
        }
    }

    /** That many rows or more: every pair once, and, where that are less, once more in other company. */
    List<Map<String, String>> atLeast(int count) {
        Set<Map<String, String>> rows = new LinkedHashSet<>();
        List<String> order = new ArrayList<>(columns.keySet());
        while (rows.size() < count) {
            rows.addAll(coverPairs(order));
            Collections.rotate(order, 1);
        }
        return List.copyOf(rows);
    }

    private List<Map<String, String>> coverPairs(List<String> order) {
        List<Map<String, String>> rows = new ArrayList<>();
        Set<Pair> open = pairs();
        while (!open.isEmpty()) {
            Map<String, String> row = fill(open.iterator().next(), order, open);
            open.removeAll(pairsOf(row));
            row.forEach((column, value) -> used.merge(new Cell(column, value), 1, Integer::sum));
            rows.add(row);
        }
        return rows;
    }

    /** Each column gets the value that most open pairs are won by; of several the one least used. */
    private Map<String, String> fill(Pair first, List<String> order, Set<Pair> open) {
        Map<String, String> row = new HashMap<>();
        row.put(first.one().column(), first.one().value());
        row.put(first.other().column(), first.other().value());
        for (String column : order) {
            if (!row.containsKey(column)) {
                String best = columns.getOrDefault(column, List.of()).stream()
                        .filter(value -> allowed.test(with(row, column, value)))
                        .max(Comparator.<String>comparingLong(value -> won(row, new Cell(column, value), open))
                                .thenComparing(value -> -used.getOrDefault(new Cell(column, value), 0)))
                        .orElseThrow();
                row.put(column, best);
            }
        }
        Map<String, String> ordered = new LinkedHashMap<>();
        columns.keySet().forEach(column -> ordered.put(column, row.get(column)));
        return ordered;
    }

    private static long won(Map<String, String> row, Cell cell, Set<Pair> open) {
        return row.entrySet().stream()
                .filter(entry -> open.contains(Pair.of(new Cell(entry.getKey(), entry.getValue()), cell)))
                .count();
    }

    private static Map<String, String> with(Map<String, String> row, String column, String value) {
        Map<String, String> more = new HashMap<>(row);
        more.put(column, value);
        return more;
    }

    /** All that may be in a row. */
    Set<Pair> pairs() {
        Set<Pair> pairs = new LinkedHashSet<>();
        columns.forEach((column, values) -> columns.forEach((otherColumn, others) -> {
            if (column.compareTo(otherColumn) < 0) {
                values.forEach(value -> others.stream()
                        .filter(other -> allowed.test(Map.of(column, value, otherColumn, other)))
                        .forEach(other -> pairs.add(new Pair(new Cell(column, value), new Cell(otherColumn, other)))));
            }
        }));
        return pairs;
    }

    static Set<Pair> pairsOf(Map<String, String> row) {
        Set<Pair> pairs = new LinkedHashSet<>();
        row.forEach((column, value) -> row.forEach((otherColumn, other) -> {
            if (column.compareTo(otherColumn) < 0) {
                pairs.add(new Pair(new Cell(column, value), new Cell(otherColumn, other)));
            }
        }));
        return pairs;
    }
}
