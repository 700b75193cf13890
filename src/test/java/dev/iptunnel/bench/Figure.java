package dev.iptunnel.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A figure that was measured, some times over.
 *
 * @param values at least one, sorted
 */
record Figure(String name, String unit, List<Double> values) {
    private static final String TAG = "figure";
    private static final String SEPARATOR = "\t";
    private static final int FIELDS = 4;

    Figure {
        values = values.stream().sorted().toList();
    }

    static Figure of(String name, String unit, double... values) {
        return new Figure(name, unit, Arrays.stream(values).boxed().toList());
    }

    /** Prints it as {@link #parse} reads it. */
    void print() {
        System.out.println(String.join(
                SEPARATOR, TAG, name, unit, values.stream().map(Figure::text).collect(Collectors.joining(" "))));
    }

    /** Empty of a line that is no figure. */
    static Optional<Figure> parse(String line) {
        String[] fields = line.split(SEPARATOR, -1);
        return fields.length == FIELDS && fields[0].endsWith(TAG)
                ? Optional.of(new Figure(
                        fields[1],
                        fields[2],
                        Arrays.stream(fields[3].split(" ", -1))
                                .map(Double::valueOf)
                                .toList()))
                : Optional.empty();
    }

    double median() {
        return values.get(values.size() / 2);
    }

    /** The least and the greatest. */
    String spread() {
        return values.size() == 1 ? "" : text(values.getFirst()) + " to " + text(values.getLast());
    }

    static String text(double value) {
        return String.format(Locale.ROOT, Math.abs(value) < 10 ? "%.2f" : "%.1f", value);
    }
}
