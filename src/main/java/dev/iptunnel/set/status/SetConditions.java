package dev.iptunnel.set.status;

import dev.iptunnel.set.ChildTunnel;
import dev.iptunnel.set.Edge;
import dev.iptunnel.set.rollout.RolloutDecision;
import dev.iptunnel.set.rollout.RolloutDecision.Phase;
import dev.iptunnel.set.rollout.RolloutDecision.Stall;
import dev.iptunnel.set.status.SetSituation.Obstacle;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The conditions of a set.
 *
 * <p>kstatus reads Stalled first, then Ready: Stalled is a failure, and a set that is not Ready without being Stalled is in
 * progress. So Stalled is only said of what somebody must mend.
 */
final class SetConditions {
    private static final String READY = "Ready";
    private static final String AVAILABLE = "Available";
    private static final String PROGRESSING = "Progressing";
    private static final String PAUSED = "Nodes wait for their revision until spec.rollout.paused is false.";
    private static final int MOST_NAMES = 5;

    private final SetSituation situation;
    private final RolloutDecision decision;
    private final Optional<Obstacle> stalled;
    private final Set<Edge> existing;

    SetConditions(SetSituation situation) {
        this.situation = situation;
        decision = situation.decision();
        stalled = situation.obstacle().or(() -> decision.stall().map(this::describe));
        existing = situation.tunnels().stream()
                .filter(tunnel -> !tunnel.deleting())
                .map(ChildTunnel::edge)
                .collect(Collectors.toSet());
    }

    List<SetCondition> all() {
        List<SetCondition> conditions = new ArrayList<>(List.of(ready(), available(), progressing()));
        if (situation.nodesKnown()) {
            stalled.ifPresent(why -> conditions.add(SetCondition.yes("Stalled", why.reason(), why.message())));
        }
        if (situation.policy().paused()) {
            conditions.add(SetCondition.yes("Paused", "Paused", "The roll-out is paused (spec.rollout.paused)."));
        }
        return conditions;
    }

    /** Nodes that Kubernetes knows to be down are left out: whoever waits for the set must not wait for their repair. */
    private SetCondition ready() {
        if (!situation.nodesKnown()) {
            return new SetCondition(
                    READY, "Unknown", "NodeListUnavailable", "The controller has no up-to-date list of the Nodes.");
        }
        if (stalled.isPresent()) {
            return SetCondition.no(READY, stalled.get().reason(), stalled.get().message());
        }
        if (situation.selected() == 0) {
            return SetCondition.no(READY, "NoNodesSelected", "No Node has the labels that spec.nodeSelector asks for.");
        }
        if (isRollingOut()) {
            return SetCondition.no(READY, "RollingOut", rollingOut());
        }
        if (decision.phase() == Phase.PAUSED) {
            return SetCondition.no(READY, "RollingOut", PAUSED);
        }
        return ofTunnels();
    }

    private SetCondition ofTunnels() {
        if (situation.members().isEmpty()) {
            return SetCondition.no(
                    READY, "TunnelsNotReady", "No selected node can have tunnels; status.problems says why.");
        }
        if (situation.notReady().containsAll(situation.members())) {
            return SetCondition.no(READY, "TunnelsNotReady", "Kubernetes says that all nodes of the set are NotReady.");
        }
        if (!situation.silentAgents().isEmpty()) {
            return SetCondition.no(
                    READY,
                    "AgentsNotResponding",
                    "The agent does not respond on " + names(situation.silentAgents()) + ", though the Node is Ready.");
        }
        Set<String> waiting = nodesWithoutReadyTunnels();
        if (!waiting.isEmpty()) {
            return SetCondition.no(READY, "TunnelsNotReady", "Not all tunnels are ready on " + names(waiting) + ".");
        }
        return situation.notReady().isEmpty()
                ? SetCondition.yes(READY, "AllTunnelsReady", "All tunnels are ready.")
                : SetCondition.yes(
                        READY,
                        "ReachableNodesReady",
                        "All tunnels are ready but those on nodes that Kubernetes says are NotReady ("
                                + situation.notReady().size() + ").");
    }

    private Set<String> nodesWithoutReadyTunnels() {
        Set<Edge> ready = situation.tunnels().stream()
                .filter(tunnel -> !tunnel.deleting() && tunnel.isReady())
                .map(ChildTunnel::edge)
                .collect(Collectors.toSet());
        return situation.wanted().stream()
                .filter(edge -> !ready.contains(edge))
                .map(Edge::node)
                .filter(node -> !situation.notReady().contains(node))
                .collect(Collectors.toSet());
    }

    private SetCondition available() {
        int members = situation.members().size();
        int least = Math.max(1, members - situation.policy().maxUnavailable().of(members));
        if (decision.counts().available() >= least) {
            return SetCondition.yes(
                    AVAILABLE, "MinimumAvailable", "No more nodes are down than spec.rollout.maxUnavailable allows.");
        }
        return SetCondition.no(
                AVAILABLE,
                "TooFewAvailable",
                members == 0
                        ? "No node has tunnels of the set."
                        : "More nodes are down than spec.rollout.maxUnavailable allows.");
    }

    private SetCondition progressing() {
        if (isRollingOut()) {
            return SetCondition.yes(PROGRESSING, "RollingOut", rollingOut());
        }
        if (decision.phase() == Phase.PAUSED) {
            return SetCondition.no(PROGRESSING, "Paused", PAUSED);
        }
        if (decision.stall().isPresent()) {
            Obstacle why = describe(decision.stall().get());
            return SetCondition.no(PROGRESSING, why.reason(), why.message());
        }
        if (situation.obstacle().isEmpty() && !existing.containsAll(situation.wanted())) {
            return SetCondition.yes(PROGRESSING, "CreatingTunnels", "Tunnels are being created.");
        }
        if (situation.obstacle().isEmpty() && !situation.wanted().containsAll(existing)) {
            return SetCondition.yes(PROGRESSING, "RemovingTunnels", "Tunnels are being removed.");
        }
        return SetCondition.no(PROGRESSING, "Complete", "Nothing is being changed.");
    }

    private boolean isRollingOut() {
        boolean waits = decision.stall()
                .filter(stall -> stall.reason() == Stall.Reason.PROGRESS_DEADLINE_EXCEEDED)
                .isPresent();
        return switch (decision.phase()) {
            case CANARY, ROLLING -> !waits;
            case ROLLING_BACK -> true;
            case IDLE, PAUSED, FAILED -> false;
        };
    }

    private String rollingOut() {
        String revision = decision.goal().compared();
        return switch (decision.phase()) {
            case CANARY -> "The first nodes are getting revision " + revision + ".";
            case ROLLING_BACK -> "Nodes are getting the last good revision " + revision + " back.";
            default -> "Nodes are getting revision " + revision + ".";
        };
    }

    private Obstacle describe(Stall stall) {
        String reason = stall.reason().toString();
        return switch (stall.reason()) {
            case ROLLOUT_FAILED ->
                new Obstacle(
                        reason,
                        failed() + " No other node is changed until spec.template changes, or the annotation "
                                + "iptunnel.dev/retry asks for another try.");
            case ROLLED_BACK ->
                new Obstacle(
                        reason,
                        failed()
                                + " The nodes get the last good revision until spec.template changes, or the annotation "
                                + "iptunnel.dev/retry asks for another try.");
            case PROGRESS_DEADLINE_EXCEEDED ->
                new Obstacle(
                        reason,
                        "The roll-out of revision " + decision.goal().compared() + " waits for " + names(stall.nodes())
                                + ", whose tunnels do not work; mend them, or raise spec.rollout.maxUnavailable.");
        };
    }

    private String failed() {
        String what = "Revision " + decision.goal().target() + " failed";
        return situation
                .failure()
                .map(failure -> what + " on node " + failure.node() + ": " + failure.message())
                .orElse(what + ".");
    }

    /** At most five names, so that the message stays short, and stays the same while others come and go. */
    private static String names(Collection<String> nodes) {
        String first = nodes.stream().sorted().limit(MOST_NAMES).collect(Collectors.joining(", "));
        return (nodes.size() == 1 ? "node " : "nodes ") + first + (nodes.size() > MOST_NAMES ? " and others" : "");
    }
}
