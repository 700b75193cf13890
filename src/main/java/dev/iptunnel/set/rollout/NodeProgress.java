package dev.iptunnel.set.rollout;

import dev.iptunnel.set.ChildTunnel;
import dev.iptunnel.set.Edge;
import dev.iptunnel.set.RolloutPolicy;
import dev.iptunnel.set.SetNames;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * How far one member of a set is.
 *
 * @param up whether all its tunnels exist and are as the goal asks
 * @param ready whether all its tunnels work now, at whatever revision
 * @param available whether they have been ready for {@code minReadySeconds}, as this process saw it
 * @param begun whether one of its tunnels was changed for the goal
 * @param late whether the node has not been available for {@code progressDeadlineSeconds}, as this process saw it
 * @param leftBehind whether a tunnel that worked before does not work with a revision that never became good
 * @param broken its tunnels that did not work before a roll-out touched them, or do not work untouched
 * @param failure what a change of the goal broke
 * @param sighting to be given to the next pass
 */
public record NodeProgress(
        Member member,
        boolean up,
        boolean ready,
        boolean available,
        boolean begun,
        boolean late,
        boolean leftBehind,
        Set<Edge> broken,
        Optional<String> failure,
        Sighting sighting) {

    /**
     * A node that has tunnels of the set.
     *
     * @param dead whether its Node is NotReady, or its agent does not respond
     * @param moved whether its tunnels differ from what their own revision asks for because addresses or routes changed,
     *     and this is to be staged
     * @param wanted how many tunnels it should have
     * @param tunnels those that it has, of the wanted ones
     */
    public record Member(
            String node,
            boolean controlPlane,
            boolean hub,
            boolean dead,
            boolean moved,
            int wanted,
            List<ChildTunnel> tunnels) {
        public Member {
            tunnels = List.copyOf(tunnels);
        }
    }

    /**
     * Computes it.
     *
     * @param asWanted whether a tunnel's spec is equal, by fields, to the one that the goal asks for
     * @param before what the pass before this one returned for the node; empty after a restart
     * @param now of this process's monotonic clock, in nanoseconds
     */
    public static NodeProgress of(
            Member member,
            Goal goal,
            RolloutPolicy policy,
            Predicate<ChildTunnel> asWanted,
            Optional<Sighting> before,
            long now) {
        List<ChildTunnel> tunnels =
                member.tunnels().stream().filter(tunnel -> !tunnel.deleting()).toList();
        boolean complete = tunnels.size() == member.wanted();
        boolean ready = complete && tunnels.stream().allMatch(policy::works);
        boolean up = complete && !member.moved() && tunnels.stream().allMatch(asWanted);
        Sighting sighting = Sighting.next(before, touch(tunnels), ready, now, policy.minReady());
        boolean late = sighting.isLate(now, policy.deadline());
        Tunnels of = new Tunnels(tunnels, goal, policy);
        return new NodeProgress(
                member,
                up,
                ready,
                sighting.isAvailable(now, policy.minReady()),
                of.begun(),
                late,
                !ready && of.leftBehind(),
                of.broken(),
                up && !ready ? of.failure(late) : Optional.empty(),
                sighting);
    }

    /** The latest change that a roll-out made. The text of the time is only compared, so the clock that wrote it may be wrong. */
    private static String touch(Collection<ChildTunnel> tunnels) {
        return tunnels.stream()
                .map(tunnel -> tunnel.annotations().getOrDefault(SetNames.UPDATED_AT, "") + " " + tunnel.revision())
                .max(Comparator.naturalOrder())
                .orElse("");
    }

    public String node() {
        return member.node();
    }

    /** Whether a roll-out gave it the goal. */
    boolean touched() {
        return up && begun;
    }

    /** Whether it was down before the roll-out reached it: it takes no budget, and gets the goal when it returns. */
    boolean deferred() {
        return member.dead() && !touched();
    }

    /** Whether the change is under way. */
    boolean flying() {
        return touched() && !available && !late && failure.isEmpty();
    }

    /** Whether nothing more is expected of it: it works with the goal, or has had its time. */
    boolean settled() {
        return up && (available || late || failure.isPresent());
    }

    /** What is known of a node's tunnels under a goal. */
    private record Tunnels(List<ChildTunnel> tunnels, Goal goal, RolloutPolicy policy) {
        boolean begun() {
            return tunnels.stream().anyMatch(tunnel -> isOfGoal(tunnel) && updated(tunnel));
        }

        boolean leftBehind() {
            return tunnels.stream()
                    .anyMatch(tunnel ->
                            !policy.works(tunnel) && !isOfGoal(tunnel) && !isProven(tunnel) && worked(tunnel));
        }

        /** A tunnel that an unproven revision stopped counts as one that works: the next revision must mend it. */
        Set<Edge> broken() {
            return tunnels.stream()
                    .filter(tunnel -> !policy.works(tunnel) && (isProven(tunnel) || !worked(tunnel)))
                    .map(ChildTunnel::edge)
                    .collect(Collectors.toUnmodifiableSet());
        }

        Optional<String> failure(boolean late) {
            return tunnels.stream()
                    .filter(tunnel -> isOfGoal(tunnel) && updated(tunnel) && worked(tunnel) && !policy.works(tunnel))
                    .filter(tunnel -> late || isStalled(tunnel))
                    .min(Comparator.comparing((ChildTunnel tunnel) -> !isStalled(tunnel))
                            .thenComparing(ChildTunnel::name))
                    .map(Tunnels::describe);
        }

        private static boolean isStalled(ChildTunnel tunnel) {
            return tunnel.observed().generation() == tunnel.generation()
                    && tunnel.observed().stalled().isPresent();
        }

        private static String describe(ChildTunnel tunnel) {
            ChildTunnel.Observed status = tunnel.observed();
            if (tunnel.isReady()) {
                return "IpTunnel " + tunnel.name() + " is ready, but does not reach its peer: "
                        + status.unreachable().orElse("");
            }
            return status.generation() == tunnel.generation()
                    ? "IpTunnel " + tunnel.name() + " is not ready: "
                            + status.stalled().orElse(status.reason()) + ": " + status.message()
                    : "The agent has not answered the change of IpTunnel " + tunnel.name() + ".";
        }

        private boolean isOfGoal(ChildTunnel tunnel) {
            return tunnel.revision().equals(goal.compared());
        }

        private boolean isProven(ChildTunnel tunnel) {
            return goal.good().filter(tunnel.revision()::equals).isPresent();
        }

        private static boolean updated(ChildTunnel tunnel) {
            return tunnel.annotations().containsKey(SetNames.UPDATED_AT);
        }

        private static boolean worked(ChildTunnel tunnel) {
            return Objects.equals(tunnel.annotations().get(SetNames.WAS_AVAILABLE), "true");
        }
    }
}
