package dev.iptunnel.agent;

import static java.util.stream.Collectors.joining;

import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What follows from a tunnel's mode in the scenarios: the table in their README. A text writes {@code ${name}} for it.
 *
 * @param values by name, then by mode
 */
record ModeValues(SequencedMap<String, Map<String, String>> values) {
    private static final Pattern NAME = Pattern.compile("\\$\\{([^}]*)}");
    private static final String PART_OF_A_WORD = "[\\w.:/-]";

    /** Reads the table of a Markdown text: one row for each name, one column for each mode. */
    static ModeValues of(String markdown) {
        List<List<String>> rows = markdown.lines()
                .filter(line -> line.startsWith("|") && !line.startsWith("| ---"))
                .map(line -> Stream.of(line.substring(1).split("\\|", -1))
                        .map(cell -> cell.strip().replace("`", ""))
                        .toList())
                .toList();
        List<String> modes = rows.getFirst();
        SequencedMap<String, Map<String, String>> values = new LinkedHashMap<>();
        for (List<String> row : rows.subList(1, rows.size())) {
            Map<String, String> byMode = new LinkedHashMap<>();
            for (int column = 1; column < modes.size() - 1; column++) {
                byMode.put(modes.get(column), row.get(column));
            }
            values.put(NAME.matcher(row.getFirst()).replaceAll("$1"), byMode);
        }
        return new ModeValues(values);
    }

    /** The names that a text uses. */
    static List<String> namesIn(String text) {
        return NAME.matcher(text).results().map(name -> name.group(1)).toList();
    }

    /** The text with the values of a mode for the names. */
    String fill(String text, String mode) {
        return NAME.matcher(text).replaceAll(name -> Matcher.quoteReplacement(value(name.group(1), mode)));
    }

    /** The text with names for the values that differ between the modes: {@link #fill} gives it back. */
    String generalise(String text, String mode, Collection<String> modes) {
        Map<String, String> names = new LinkedHashMap<>();
        values.keySet().stream()
                .filter(name ->
                        modes.stream().map(each -> value(name, each)).distinct().count() > 1)
                .forEach(name -> names.put(value(name, mode), name));
        if (names.isEmpty()) {
            return text;
        }
        String longestFirst = names.keySet().stream()
                .sorted(Comparator.comparing(String::length).reversed())
                .map(Pattern::quote)
                .collect(joining("|"));
        return Pattern.compile("(?<!" + PART_OF_A_WORD + ")(" + longestFirst + ")(?!" + PART_OF_A_WORD + ")")
                .matcher(text)
                .replaceAll(value -> Matcher.quoteReplacement("${" + names.get(value.group()) + "}"));
    }

    private String value(String name, String mode) {
        String value = values.getOrDefault(name, Map.of()).get(mode);
        if (value == null) {
            throw new IllegalArgumentException("the table has no ${" + name + "} for mode " + mode);
        }
        return value;
    }
}
