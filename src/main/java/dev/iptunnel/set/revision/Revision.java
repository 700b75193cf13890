package dev.iptunnel.set.revision;

import java.util.Comparator;
import java.util.OptionalLong;

/**
 * A template that a set had or has.
 *
 * @param name of the ControllerRevision: the set's name, {@code -r}, the number
 * @param number newer revisions have higher ones
 * @param text of the template, as {@link RevisionText} writes it
 */
public record Revision(String name, long number, String text) implements Comparable<Revision> {
    private static final Comparator<Revision> ORDER = Comparator.comparingLong(Revision::number);

    /** Names the revision of this number. */
    static String name(String set, long number) {
        return set + "-r" + number;
    }

    /** The number in the name of a revision of this set; empty if it is not one. */
    static OptionalLong number(String set, String name) {
        String prefix = set + "-r";
        String digits = name.startsWith(prefix) ? name.substring(prefix.length()) : "";
        return digits.matches("[1-9][0-9]{0,17}") ? OptionalLong.of(Long.parseLong(digits)) : OptionalLong.empty();
    }

    @Override
    public int compareTo(Revision other) {
        return ORDER.compare(this, other);
    }
}
