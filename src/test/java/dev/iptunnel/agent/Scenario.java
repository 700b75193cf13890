package dev.iptunnel.agent;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toSet;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A scenario of the planner: manifest, observation and plan, for each of its modes and cases. The README of the scenarios
 * says how the file is written.
 */
final class Scenario {
    private static final Pattern HEADER = Pattern.compile("(modes|cases): (.+)");
    private static final Pattern TITLE = Pattern.compile("-- (desired|observed|plan)(?: \\((.+)\\))? --");
    private static final Pattern CONDITION = Pattern.compile(" +# (only|not) (.+)$");

    private final String name;
    private final ModeValues values;
    private final Map<String, List<String>> header = new LinkedHashMap<>();
    private final List<Section> sections = new ArrayList<>();
    private final String textBeforePlans;
    private final List<Variant> variants;

    /** One mode and, if the scenario has cases, one case: a test of its own. */
    record Variant(String mode, Optional<String> ofCases) {
        private boolean isAmong(Collection<String> words) {
            return words.contains(mode) || ofCases.filter(words::contains).isPresent();
        }
    }

    private record Section(String title, List<String> words, List<String> lines) {
        boolean isPlanOf(Variant variant) {
            return title.equals("plan") && (words.isEmpty() || variant.isAmong(words));
        }
    }

    /** @throws IllegalArgumentException if the text is malformed, or holds something that no variant uses */
    Scenario(String name, String text, ModeValues values) {
        this.name = name;
        this.values = values;
        text.lines().forEach(this::take);
        textBeforePlans = text.split("(?m)^-- plan", 2)[0].stripTrailing() + "\n";
        List<Optional<String>> cases = words("cases").isEmpty()
                ? List.of(Optional.empty())
                : words("cases").stream().map(Optional::of).toList();
        variants = words("modes").stream()
                .flatMap(mode -> cases.stream().map(word -> new Variant(mode, word)))
                .toList();
        checkSections();
        checkWords();
    }

    List<Variant> variants() {
        return variants;
    }

    String nameOf(Variant variant) {
        return name + variant.ofCases().map(word -> ": " + word).orElse("") + " (" + variant.mode() + ")";
    }

    String desired(Variant variant) {
        return text(sections.get(0), variant);
    }

    String observed(Variant variant) {
        return text(sections.get(1), variant);
    }

    /** Empty if the file has no plan for the variant. */
    Optional<String> plan(Variant variant) {
        return sections.stream()
                .filter(section -> section.isPlanOf(variant))
                .findFirst()
                .map(section -> text(section, variant));
    }

    /** The text of the file with these plans: variants with the same plan share a section. */
    String withPlans(Map<Variant, String> plans) {
        Map<String, Set<Variant>> groups = new LinkedHashMap<>();
        plans.forEach((variant, plan) -> groups.computeIfAbsent(
                        values.generalise(plan, variant.mode(), words("modes")), first -> new LinkedHashSet<>())
                .add(variant));
        StringBuilder text = new StringBuilder(textBeforePlans);
        groups.forEach((general, group) -> {
            Set<String> literal = group.stream().map(plans::get).collect(toSet());
            text.append("\n").append(titleOf(group)).append("\n");
            text.append(literal.size() == 1 ? literal.iterator().next() : general);
        });
        return text.toString();
    }

    private String titleOf(Set<Variant> group) {
        if (group.containsAll(variants)) {
            return "-- plan --";
        }
        return Stream.of(words("cases"), words("modes"))
                .map(words -> words.stream()
                        .filter(word -> group.stream().anyMatch(variant -> variant.isAmong(List.of(word))))
                        .toList())
                .filter(words -> group.equals(variants.stream()
                        .filter(variant -> variant.isAmong(words))
                        .collect(toSet())))
                .findFirst()
                .map(words -> "-- plan (" + String.join(", ", words) + ") --")
                .orElseThrow(() -> wrong("the plans differ by mode and by case: write a file for each case"));
    }

    private void take(String line) {
        Matcher title = TITLE.matcher(line);
        if (title.matches()) {
            sections.add(new Section(title.group(1), list(title.group(2)), new ArrayList<>()));
        } else if (!sections.isEmpty()) {
            sections.getLast().lines().add(line);
        } else if (!line.isBlank() && !line.startsWith("#")) {
            Matcher words = HEADER.matcher(line);
            if (!words.matches() || header.put(words.group(1), list(words.group(2))) != null) {
                throw wrong("unexpected line: " + line);
            }
        }
    }

    private void checkSections() {
        String titles = sections.stream().map(Section::title).collect(joining(" "));
        if (variants.isEmpty() || !titles.matches("desired observed( plan)*")) {
            throw wrong("it must have modes, one manifest, one observation and then the plans");
        }
        variants.forEach(variant -> {
            if (sections.stream().filter(section -> section.isPlanOf(variant)).count() > 1) {
                throw wrong("there are two plans for " + nameOf(variant));
            }
        });
    }

    private void checkWords() {
        for (Section section : sections) {
            checkUse(section.words());
            if (!section.title().equals("plan")) {
                section.lines().stream()
                        .map(CONDITION::matcher)
                        .filter(Matcher::find)
                        .forEach(condition -> checkUse(list(condition.group(2))));
            }
        }
    }

    private void checkUse(List<String> words) {
        for (String word : words) {
            if (!words("modes").contains(word) && !words("cases").contains(word)) {
                throw wrong("\"" + word + "\" is no mode and no case of this file");
            }
        }
        if (!words.isEmpty() && variants.stream().allMatch(variant -> variant.isAmong(words))) {
            throw wrong("\"" + String.join(", ", words) + "\" are all of this file: leave them out");
        }
    }

    private String text(Section section, Variant variant) {
        Stream<String> lines = section.lines().stream();
        String text = (section.title().equals("plan") ? lines : lines.flatMap(line -> lineFor(variant, line)))
                .collect(joining("\n"))
                .stripTrailing();
        return text.isEmpty() ? "" : values.fill(text, variant.mode()) + "\n";
    }

    private static Stream<String> lineFor(Variant variant, String line) {
        Matcher condition = CONDITION.matcher(line);
        if (!condition.find()) {
            return Stream.of(line);
        }
        boolean isAmong = variant.isAmong(list(condition.group(2)));
        return condition.group(1).equals("only") == isAmong
                ? Stream.of(line.substring(0, condition.start()))
                : Stream.empty();
    }

    private List<String> words(String key) {
        return header.getOrDefault(key, List.of());
    }

    private static List<String> list(@Nullable String words) {
        return words == null ? List.of() : List.of(words.split(", ", -1));
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException(name + ": " + what);
    }
}
