package dev.iptunnel.diagnosis.report;

import dev.iptunnel.diagnosis.Diagnosis;
import dev.iptunnel.diagnosis.Finding;
import dev.iptunnel.diagnosis.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Lines of at most 100 columns.
 *
 * @param colour whether outcomes are coloured, by the escape sequences of ECMA-48
 */
public record DiagnosisText(boolean colour) {
    private static final int WIDTH = 100;
    private static final int OUTCOME = 9;
    private static final int CHECK = 17;
    private static final String ARROW = "-> ";

    /** A line for each tunnel, then everything about those that failed. */
    public String ofAll(List<Diagnosis> diagnoses) {
        if (diagnoses.isEmpty()) {
            return "no tunnel of iptunnel is on this node\n";
        }
        int names = diagnoses.stream()
                        .mapToInt(diagnosis -> diagnosis.name().length())
                        .max()
                        .orElse(0)
                + 2;
        String summary = diagnoses.stream()
                .map(diagnosis -> entry(diagnosis.outcome(), padded(diagnosis.name(), names), diagnosis.summary()))
                .collect(Collectors.joining());
        return summary
                + diagnoses.stream()
                        .filter(diagnosis -> diagnosis.outcome() == Result.FAIL)
                        .map(diagnosis -> "\n" + of(diagnosis))
                        .collect(Collectors.joining());
    }

    /** Every check of one tunnel, and the root cause. */
    public String of(Diagnosis diagnosis) {
        return "tunnel " + diagnosis.name() + "\n"
                + diagnosis.findings().stream().map(this::of).collect(Collectors.joining())
                + "\n" + wrapped(conclusion(diagnosis), 0);
    }

    private String of(Finding finding) {
        String seen = finding.seen()
                + finding.reason().map(reason -> " [" + reason + "]").orElse("");
        return entry(finding.outcome(), padded(finding.check().toString(), CHECK), seen)
                + finding.advice()
                        .map(advice -> wrapped(ARROW + advice, OUTCOME + CHECK))
                        .orElse("");
    }

    private static String conclusion(Diagnosis diagnosis) {
        return diagnosis
                .rootCause()
                .map(cause -> "root cause: " + cause.check() + ": " + cause.seen())
                .orElseGet(diagnosis::summary);
    }

    private String entry(Result outcome, String name, String text) {
        String lines = wrapped(text, OUTCOME + name.length());
        return painted(outcome, padded(outcome.toString(), OUTCOME)) + name + lines.substring(OUTCOME + name.length());
    }

    private String painted(Result outcome, String text) {
        if (!colour) {
            return text;
        }
        int code =
                switch (outcome) {
                    case OK -> 32;
                    case WARN -> 33;
                    case FAIL -> 31;
                    case SKIPPED -> 90;
                };
        return "\u001b[" + code + "m" + text + "\u001b[0m";
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    /** Broken between words; a word that is too long has a line of its own. Each line is indented and ends. */
    private static String wrapped(String text, int indent) {
        List<StringBuilder> lines = new ArrayList<>();
        for (String word : text.split(" ", -1)) {
            if (lines.isEmpty() || indent + lines.getLast().length() + 1 + word.length() > WIDTH) {
                lines.add(new StringBuilder(word));
            } else {
                lines.getLast().append(' ').append(word);
            }
        }
        return IntStream.range(0, lines.size())
                .mapToObj(i -> " ".repeat(indent) + lines.get(i) + "\n")
                .collect(Collectors.joining());
    }
}
