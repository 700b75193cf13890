package dev.iptunnel.set.status;

import dev.iptunnel.set.ChildTunnel;
import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.rollout.RolloutDecision;
import java.util.List;
import java.util.function.Predicate;

/**
 * The status of a set.
 *
 * @param problems at most ten, sorted
 */
public record SetStatus(
        NodeCounts nodes, TunnelCounts tunnels, List<SetProblem> problems, List<SetCondition> conditions) {
    private static final int MOST_PROBLEMS = 10;

    public SetStatus {
        problems = List.copyOf(problems);
        conditions = List.copyOf(conditions);
    }

    /** Numbers of nodes; {@link RolloutDecision.Counts} says which. */
    public record NodeCounts(int selected, int unusable, RolloutDecision.Counts members) {}

    /**
     * Numbers of tunnels.
     *
     * @param desired those that there should be
     * @param current those that there are
     * @param updated those that have the goal's revision
     * @param unknown those whose agent does not say, or has not said yet, whether they are ready
     * @param failed those that their agent cannot program
     */
    public record TunnelCounts(int desired, int current, int updated, int ready, int unknown, int failed) {}

    /** Makes the status. The times of its conditions' changes are kept by the caller. */
    public static SetStatus of(SetSituation situation) {
        RolloutDecision decision = situation.decision();
        return new SetStatus(
                new NodeCounts(situation.selected(), situation.unusable(), decision.counts()),
                tunnels(
                        situation.wanted().size(),
                        situation.tunnels(),
                        decision.goal().compared()),
                situation.problems().stream()
                        .sorted()
                        .distinct()
                        .limit(MOST_PROBLEMS)
                        .toList(),
                new SetConditions(situation).all());
    }

    private static TunnelCounts tunnels(int desired, List<ChildTunnel> all, String revision) {
        List<ChildTunnel> current =
                all.stream().filter(tunnel -> !tunnel.deleting()).toList();
        return new TunnelCounts(
                desired,
                current.size(),
                count(current, tunnel -> tunnel.revision().equals(revision)),
                count(current, ChildTunnel::isReady),
                count(current, tunnel -> tunnel.observed().ready().equals("Unknown")),
                count(
                        current,
                        tunnel -> tunnel.observed().generation() == tunnel.generation()
                                && tunnel.observed().stalled().isPresent()));
    }

    private static int count(List<ChildTunnel> tunnels, Predicate<ChildTunnel> what) {
        return (int) tunnels.stream().filter(what).count();
    }
}
