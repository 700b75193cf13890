package dev.iptunnel.health;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** {@code /statusz}: what the process knows, as one page of text for a person. Its form may change. */
public final class StatusPage {
    /** One line of the page. */
    private record Line(String title, Supplier<String> value) {}

    private final List<Line> lines = new CopyOnWriteArrayList<>();
    private volatile Table table = new Table(List.of(), List::of);

    /** The table at the end: each row has as many cells as there are headings. */
    private record Table(List<String> headings, Supplier<List<List<String>>> rows) {}

    /** Adds a line. */
    public void add(String title, Supplier<String> value) {
        lines.add(new Line(title, value));
    }

    /** The table at the end. Its rows are sorted by their first cell. */
    public void table(List<String> headings, Supplier<List<List<String>>> rows) {
        table = new Table(headings, rows);
    }

    /** A point in time as the duration until now, such as {@code 1h2m ago}; {@code never} if there is none. */
    public static String ago(Optional<Instant> time, Instant now) {
        return time.map(then -> text(Duration.between(then, now)) + " ago").orElse("never");
    }

    /** A duration in days, hours, minutes and seconds, the two largest that it has. */
    public static String text(Duration time) {
        List<String> parts = Stream.of(
                        time.toDays() + "d",
                        time.toHoursPart() + "h",
                        time.toMinutesPart() + "m",
                        Math.max(0, time.toSecondsPart()) + "s")
                .dropWhile(part -> part.startsWith("0") && !part.equals("0s"))
                .toList();
        return String.join("", parts.subList(0, Math.min(2, parts.size())));
    }

    /** The page. */
    public String text() {
        int width = lines.stream().mapToInt(line -> line.title().length()).max().orElse(0) + 2;
        String head = lines.stream()
                .map(line -> ("%-" + width + "s%s").formatted(line.title() + ":", value(line)))
                .collect(Collectors.joining("\n"));
        return head + "\n\n" + lines(table);
    }

    private static String value(Line line) {
        try {
            return line.value().get();
        } catch (RuntimeException e) {
            return "unknown: " + e;
        }
    }

    private static String lines(Table table) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(table.headings());
        table.rows().get().stream().sorted(Comparator.comparing(List::getFirst)).forEach(rows::add);
        int[] widths = IntStream.range(0, table.headings().size())
                .map(column -> rows.stream()
                        .mapToInt(row -> row.get(column).length())
                        .max()
                        .orElse(0))
                .toArray();
        return rows.stream()
                .map(row -> IntStream.range(0, row.size())
                        .mapToObj(column -> ("%-" + Math.max(1, widths[column]) + "s").formatted(row.get(column)))
                        .collect(Collectors.joining("  "))
                        .stripTrailing())
                .collect(Collectors.joining("\n"));
    }
}
