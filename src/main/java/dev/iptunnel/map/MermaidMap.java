package dev.iptunnel.map;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A topology as a flow chart of Mermaid. Mermaid draws at most 500 lines and 50,000 characters, and fewer lines well; of
 * more than 100 lines those that are ready are left out, and the chart says so.
 */
public final class MermaidMap {
    private static final int MOST_LINES = 100;
    private static final int MANY_LINES = 20;

    private static final Map<EndState, String> STYLES = Map.of(
            EndState.READY, "stroke:#1b7f3b",
            EndState.SET_DOWN, "stroke:#5f6b7a",
            EndState.UNKNOWN, "stroke:#9a6b00",
            EndState.NOT_READY, "stroke:#c62828");

    private final Topology topology;
    private final List<Line> lines;
    private final Map<LineEnd, String> names = new LinkedHashMap<>();

    private MermaidMap(Topology topology) {
        this.topology = topology;
        lines = topology.lines().size() <= MOST_LINES
                ? topology.lines()
                : topology.lines().stream()
                        .filter(line -> line.worst() != EndState.READY)
                        .limit(MOST_LINES)
                        .toList();
        Set<LineEnd> connected = lines.stream()
                .flatMap(line -> Stream.of(line.near(), line.far()))
                .collect(Collectors.toSet());
        topology.places().stream()
                .filter(connected::contains)
                .forEach(place -> names.put(place, (place.node() ? "n" : "e") + names.size()));
    }

    /** The chart's text. */
    public static String of(Topology topology) {
        return new MermaidMap(topology).draw();
    }

    private String draw() {
        Stream<String> styles = Stream.of(EndState.values()).flatMap(state -> style(state).stream());
        return Stream.of(
                                Stream.of("flowchart LR", "%% " + topology.title()),
                                names.entrySet().stream().map(MermaidMap::place),
                                lines.stream().map(this::line),
                                styles,
                                leftOut().stream())
                        .flatMap(part -> part)
                        .collect(Collectors.joining("\n"))
                + "\n";
    }

    private static String place(Map.Entry<LineEnd, String> entry) {
        String label = quoted(entry.getKey().name());
        return "  " + entry.getValue() + (entry.getKey().node() ? "(" + label + ")" : "[/" + label + "/]");
    }

    private String line(Line line) {
        String arrow =
                switch (line.worst()) {
                    case READY -> "---";
                    case SET_DOWN, UNKNOWN -> "-.-";
                    case NOT_READY -> "===";
                };
        boolean labelled = lines.size() <= MANY_LINES || line.worst() == EndState.NOT_READY;
        return "  " + name(line.near()) + " " + arrow + (labelled ? "|" + label(line) + "|" : "") + " "
                + name(line.far());
    }

    private static String label(Line line) {
        Stream<String> ends = line.ends().stream().map(end -> escaped(end.name() + ": " + end.verdict()));
        Stream<String> missing = line.halfMissing() ? Stream.of("no tunnel leads back") : Stream.empty();
        return "\"" + Stream.concat(ends, missing).collect(Collectors.joining("<br/>")) + "\"";
    }

    private Optional<String> style(EndState state) {
        String numbers = IntStream.range(0, lines.size())
                .filter(number -> lines.get(number).worst() == state)
                .mapToObj(String::valueOf)
                .collect(Collectors.joining(","));
        return numbers.isEmpty() ? Optional.empty() : Optional.of("  linkStyle " + numbers + " " + STYLES.get(state));
    }

    private Optional<String> leftOut() {
        int missing = topology.lines().size() - lines.size();
        return missing == 0
                ? Optional.empty()
                : Optional.of("  note[\"" + missing + " of " + topology.lines().size()
                        + " lines are left out, the ready ones first, because Mermaid draws only few lines well\"]");
    }

    private String name(LineEnd place) {
        return Optional.ofNullable(names.get(place)).orElseThrow();
    }

    private static String quoted(String text) {
        return "\"" + escaped(text) + "\"";
    }

    /** Everything that Mermaid or HTML might read as more than text, as an entity code of Mermaid. */
    private static String escaped(String text) {
        return text.codePoints()
                .mapToObj(character -> Character.isLetterOrDigit(character) || " .:,-_/".indexOf(character) >= 0
                        ? Character.toString(character)
                        : "#" + character + ";")
                .collect(Collectors.joining());
    }
}
