package dev.iptunnel.set.revision;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The revisions of a set that the cluster holds, and what is known of them.
 *
 * @param set its name
 * @param known the revisions that are stored
 * @param current the name of the last good revision; empty before the first roll-out is done
 * @param failed names of revisions that failed, the oldest failure first
 */
public record Revisions(String set, List<Revision> known, Optional<String> current, List<String> failed) {
    private static final int MOST_FAILED = 5;

    public Revisions {
        known = known.stream().sorted().toList();
        failed = List.copyOf(failed);
    }

    /**
     * The revision of a template.
     *
     * @param isNew whether it must still be stored
     */
    public record Target(Revision revision, boolean isNew) {}

    /**
     * Finds the revision with this text, or makes one with the next number.
     *
     * @param used the names of revisions on the set's children. A number that one of them has is not used again, even if
     *     the stored revisions are lost.
     */
    public Target target(String text, Collection<String> used) {
        return known.stream()
                .filter(revision -> revision.text().equals(text))
                .max(Comparator.naturalOrder())
                .map(revision -> new Target(revision, false))
                .orElseGet(() -> {
                    long number = highest(used) + 1;
                    return new Target(new Revision(Revision.name(set, number), number, text), true);
                });
    }

    private long highest(Collection<String> used) {
        long named = Stream.of(used.stream(), failed.stream(), current.stream())
                .flatMap(names -> names)
                .map(name -> Revision.number(set, name))
                .flatMapToLong(OptionalLong::stream)
                .max()
                .orElse(0);
        return known.stream().mapToLong(Revision::number).reduce(named, Math::max);
    }

    /** After this revision failed. Only the last five failures are remembered. */
    public Revisions withFailed(String revision) {
        List<String> names = Stream.concat(withoutFailed(revision).failed.stream(), Stream.of(revision))
                .toList();
        return new Revisions(set, known, current, names.subList(Math.max(0, names.size() - MOST_FAILED), names.size()));
    }

    /** After somebody asked for another try of this revision, or it turned out to be good. */
    public Revisions withoutFailed(String revision) {
        return new Revisions(
                set,
                known,
                current,
                failed.stream().filter(name -> !name.equals(revision)).toList());
    }

    /** After all nodes have this revision, and it works. */
    public Revisions withCurrent(String revision) {
        return new Revisions(set, known, Optional.of(revision), withoutFailed(revision).failed);
    }

    /**
     * The stored revisions to delete: the oldest of those that nothing needs, so that {@code historyLimit} of those stay.
     *
     * @param used the names of revisions that a child has or that the roll-out aims at
     */
    public List<Revision> superfluous(int historyLimit, Collection<String> used) {
        Set<String> needed = new HashSet<>(used);
        needed.addAll(failed);
        current.ifPresent(needed::add);
        List<Revision> history = known.stream()
                .filter(revision -> !needed.contains(revision.name()))
                .toList();
        return history.subList(0, Math.max(0, history.size() - historyLimit));
    }
}
