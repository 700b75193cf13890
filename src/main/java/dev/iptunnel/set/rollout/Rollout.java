package dev.iptunnel.set.rollout;

import dev.iptunnel.set.RolloutPolicy;
import dev.iptunnel.set.rollout.RolloutDecision.Cause;
import dev.iptunnel.set.rollout.RolloutDecision.Counts;
import dev.iptunnel.set.rollout.RolloutDecision.Failure;
import dev.iptunnel.set.rollout.RolloutDecision.Phase;
import dev.iptunnel.set.rollout.RolloutDecision.Stall;
import dev.iptunnel.set.rollout.RolloutDecision.Touch;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Decides which nodes are changed in one pass.
 *
 * <p>A node is <em>down</em> if it is not available, for whatever reason. Taking a node that is ready needs a free place
 * among the {@code maxUnavailable} that may be down. A node that is not ready loses nothing, so it only needs a free place
 * among those that may be under way. A node that was dead before the roll-out reached it is deferred: it is in neither
 * number.
 *
 * <p>What is decided here assumes that the tunnels are at least as new as the last writes of this process.
 */
public final class Rollout {
    private final Goal goal;
    private final RolloutPolicy policy;
    private final List<NodeProgress> members;
    private final List<NodeProgress> live;
    private final List<NodeProgress> failed;
    private final int budget;
    private final Set<String> down;
    private final Set<String> flying;
    private final boolean canary;
    private final List<Touch> touches = new ArrayList<>();

    private Rollout(Goal goal, RolloutPolicy policy, Collection<NodeProgress> members) {
        this.goal = goal;
        this.policy = policy;
        this.members = List.copyOf(members);
        live = members.stream().filter(node -> !node.deferred()).toList();
        failed = members.stream()
                .filter(node -> node.failure().isPresent())
                .sorted(Comparator.comparing(NodeProgress::node))
                .toList();
        budget = policy.maxUnavailable().of(live.size());
        down = names(node -> !node.available());
        flying = names(NodeProgress::flying);
        canary = isCanary();
    }

    /** Decides, from how far each member is. */
    public static RolloutDecision decide(Goal goal, RolloutPolicy policy, Collection<NodeProgress> members) {
        return new Rollout(goal, policy, members).decide();
    }

    private RolloutDecision decide() {
        Optional<Failure> failure = failure();
        if (failure.isEmpty()) {
            followMembership();
            goal.revision().filter(revision -> !policy.paused()).ifPresent(this::followTemplate);
        }
        boolean done = failure.isEmpty() && isDone();
        return new RolloutDecision(goal, phase(done), touches, failure, done, stall(done), counts());
    }

    private Optional<Failure> failure() {
        if (goal.failed() || goal.isProven() || goal.retry() || failed.size() <= policy.maxFailures()) {
            return Optional.empty();
        }
        NodeProgress first = failed.getFirst();
        return Optional.of(
                new Failure(goal.target(), first.node(), first.failure().orElseThrow()));
    }

    /** Whether the goal must still be shown to work, on nodes that come alone. */
    private boolean isCanary() {
        return policy.canaryNodes() > 0
                && !goal.isProven()
                && (canariesLeft() > 0 || live.stream().noneMatch(Rollout::works));
    }

    private long canariesLeft() {
        return Math.min(policy.canaryNodes(), live.size())
                - live.stream().filter(NodeProgress::settled).count();
    }

    private static boolean works(NodeProgress node) {
        return node.up() && node.available();
    }

    /** Changed addresses are followed whatever becomes of the template, but not by all nodes at once. */
    private void followMembership() {
        live.stream()
                .filter(node -> node.member().moved())
                .sorted(TouchOrder.of(false, goal.compared()))
                .filter(this::isFree)
                .limit(budget)
                .forEach(node -> touch(node, Cause.MEMBERSHIP));
    }

    private void followTemplate(String revision) {
        long limit = canary ? Math.min(budget, Math.max(1, canariesLeft())) : budget;
        List<NodeProgress> next = goal.retry()
                ? failed
                : live.stream()
                        .filter(node -> !node.up() && !node.member().moved())
                        .sorted(TouchOrder.of(canary, revision))
                        .toList();
        for (NodeProgress node : next) {
            if (flying.size() >= limit) {
                return;
            }
            if (isFree(node)) {
                touch(node, Cause.TEMPLATE);
                flying.add(node.node());
            }
        }
    }

    private boolean isFree(NodeProgress node) {
        return (!node.ready() || down.size() < budget) && (!node.member().hub() || isFreeHub(node));
    }

    /** Hubs are taken one at a time, and one that works only while all others do. */
    private boolean isFreeHub(NodeProgress hub) {
        return live.stream()
                .filter(other -> other.member().hub() && !other.node().equals(hub.node()))
                .noneMatch(other -> isTouchedNow(other)
                        || flying.contains(other.node())
                        || (hub.ready() && down.contains(other.node())));
    }

    private boolean isTouchedNow(NodeProgress node) {
        return touches.stream().anyMatch(touch -> touch.node().equals(node.node()));
    }

    private void touch(NodeProgress node, Cause cause) {
        touches.add(new Touch(node.node(), cause, node.broken()));
        down.add(node.node());
    }

    /** All nodes have the goal, and each works or had its time to. A revision that works nowhere does not become good. */
    private boolean isDone() {
        return !goal.failed()
                && !goal.isProven()
                && live.stream().allMatch(NodeProgress::settled)
                && live.stream().anyMatch(Rollout::works);
    }

    private Phase phase(boolean done) {
        boolean finished = live.stream().allMatch(NodeProgress::up);
        if (goal.failed() && (finished || goal.revision().isEmpty())) {
            return Phase.FAILED;
        }
        if (done || live.isEmpty() || (finished && goal.isProven())) {
            return Phase.IDLE;
        }
        if (policy.paused()) {
            return Phase.PAUSED;
        }
        if (goal.failed()) {
            return Phase.ROLLING_BACK;
        }
        return canary ? Phase.CANARY : Phase.ROLLING;
    }

    private Optional<Stall> stall(boolean done) {
        if (goal.failed()) {
            return Optional.of(new Stall(
                    goal.revision().isPresent() ? Stall.Reason.ROLLED_BACK : Stall.Reason.ROLLOUT_FAILED, List.of()));
        }
        boolean finished = done || (goal.isProven() && live.stream().allMatch(NodeProgress::up));
        List<NodeProgress> unavailable =
                live.stream().filter(node -> !node.available()).toList();
        // A node that is ready, or has time left, may still become available.
        boolean goesOn = !touches.isEmpty() || unavailable.stream().anyMatch(node -> node.ready() || !node.late());
        if (finished || policy.paused() || goesOn || unavailable.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Stall(
                Stall.Reason.PROGRESS_DEADLINE_EXCEEDED,
                unavailable.stream().map(NodeProgress::node).sorted().toList()));
    }

    private Counts counts() {
        return new Counts(
                members.size(),
                count(NodeProgress::up),
                count(NodeProgress::ready),
                count(NodeProgress::flying),
                count(NodeProgress::deferred),
                failed.size());
    }

    private int count(Predicate<NodeProgress> what) {
        return (int) members.stream().filter(what).count();
    }

    private Set<String> names(Predicate<NodeProgress> what) {
        return live.stream().filter(what).map(NodeProgress::node).collect(Collectors.toSet());
    }
}
