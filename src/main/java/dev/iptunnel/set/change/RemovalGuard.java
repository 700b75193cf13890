package dev.iptunnel.set.change;

import static dev.iptunnel.set.member.Edges.BY_PAIR;

import dev.iptunnel.set.ChildTunnel;
import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.TunnelSet;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Holds the removal of many tunnels at a time: a selector may be mistyped, or an older snapshot restored.
 *
 * @param removable may be deleted now, both ends of a pair next to one another
 * @param held the problem of the whole set while some are held
 * @param memory for the next time
 * @param lookAgain when the first of those that are held may go
 */
public record RemovalGuard(
        List<ChildTunnel> removable, Optional<SetProblem> held, Memory memory, Optional<Duration> lookAgain) {
    /** How long they are held. */
    static final Duration HOLD = Duration.ofMinutes(10);

    private static final int FEW = 10;
    private static final int SHARE = 5;

    /**
     * Since when tunnels have been surplus, as this process saw it.
     *
     * @param since by the tunnel's UID, in nanoseconds of a monotonic clock
     */
    public record Memory(Map<String, Long> since) {
        public static final Memory NONE = new Memory(Map.of());

        public Memory {
            since = Map.copyOf(since);
        }
    }

    /**
     * Decides which tunnels may go.
     *
     * @param surplus all that the set does not ask for any more
     * @param children how many tunnels the set has
     * @param now nanoseconds of the clock of {@code memory}
     */
    public static RemovalGuard of(
            TunnelSet set, Collection<ChildTunnel> surplus, int children, Memory memory, long now) {
        Map<String, Long> since = new HashMap<>();
        surplus.forEach(child -> since.put(child.uid(), memory.since().getOrDefault(child.uid(), now)));
        List<ChildTunnel> fresh = surplus.stream()
                .filter(child -> !left(since, child, now).isNegative())
                .toList();
        boolean confirmed = set.confirmedRemoval().equals(Optional.of(set.generation()));
        boolean hold = !confirmed && fresh.size() > Math.max(FEW, children / SHARE);
        List<ChildTunnel> removable = surplus.stream()
                .filter(child -> !hold || left(since, child, now).isNegative())
                .sorted(Comparator.comparing(ChildTunnel::edge, BY_PAIR))
                .toList();
        return new RemovalGuard(
                removable,
                hold ? Optional.of(problem(set)) : Optional.empty(),
                new Memory(since),
                hold
                        ? fresh.stream().map(child -> left(since, child, now)).min(Comparator.naturalOrder())
                        : Optional.empty());
    }

    /** Negative once the time is over. */
    private static Duration left(Map<String, Long> since, ChildTunnel child, long now) {
        return HOLD.minusNanos(now - since.getOrDefault(child.uid(), now)).minusNanos(1);
    }

    private static SetProblem problem(TunnelSet set) {
        return new SetProblem(
                "",
                "",
                "MassRemovalHeld",
                "many of the set's tunnels belong to no node that it selects; they stay for ten minutes: correct nodeSelector,"
                        + " or annotate the set with iptunnel.dev/confirm-removal=" + set.generation()
                        + " to remove them now");
    }
}
