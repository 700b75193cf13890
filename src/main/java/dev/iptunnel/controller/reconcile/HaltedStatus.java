package dev.iptunnel.controller.reconcile;

import dev.iptunnel.api.v1alpha1.StatusMessage;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSetStatus;
import dev.iptunnel.api.v1alpha1.set.ProblemStatus;
import dev.iptunnel.api.v1alpha1.set.SetConditionType;
import dev.iptunnel.controller.spec.SetFinding;
import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.status.SetCondition;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The status of a set of which nothing may be changed: the counts stay as they were. */
record HaltedStatus(IpTunnelSet set, Optional<IpTunnelSetStatus> before, Clock wall) {
    private static final int MOST_PROBLEMS = 10;

    /** Its spec cannot be followed. */
    IpTunnelSetStatus invalid(List<SetFinding> findings) {
        SetFinding first = findings.getFirst();
        return stalled(
                first.reason(),
                first.toString(),
                findings.stream()
                        .map(finding -> new SetProblem("", "", finding.reason(), finding.toString()))
                        .toList());
    }

    /** The pass found what must not go on. */
    IpTunnelSetStatus stalled(SetProblem problem) {
        return stalled(problem.reason(), problem.message(), List.of(problem));
    }

    private IpTunnelSetStatus stalled(String reason, String message, List<SetProblem> problems) {
        return status(
                List.of(
                        new SetCondition(SetConditionType.READY, "False", reason, message),
                        new SetCondition(SetConditionType.PROGRESSING, "False", reason, message),
                        new SetCondition(SetConditionType.STALLED, "True", reason, message)),
                problems);
    }

    /** There is no complete and current list of Nodes. */
    IpTunnelSetStatus blind() {
        String message = "The controller has no up-to-date list of the Nodes.";
        return status(
                List.of(new SetCondition(SetConditionType.READY, "Unknown", "NodeListUnavailable", message)),
                List.of());
    }

    private IpTunnelSetStatus status(List<SetCondition> conditions, List<SetProblem> problems) {
        List<Condition> all = new ArrayList<>(SetConditionList.of(set, before, conditions, wall));
        before.stream()
                .flatMap(status -> status.conditions().stream())
                .filter(old -> all.stream().noneMatch(now -> now.getType().equals(old.getType()))
                        && !SetConditionType.STALLED.equals(old.getType()))
                .forEach(all::add);
        IpTunnelSetStatus old = before.orElseGet(HaltedStatus::nothing);
        return new IpTunnelSetStatus(
                set.getMetadata().getGeneration(),
                old.currentRevision(),
                old.updateRevision(),
                old.failedRevisions(),
                old.collisionCount(),
                old.nodes(),
                old.tunnels(),
                old.pool(),
                old.rollout(),
                problems(problems),
                all);
    }

    private static IpTunnelSetStatus nothing() {
        return new IpTunnelSetStatus(null, null, null, null, null, null, null, null, null, null, null);
    }

    /** As the status has them. */
    static List<ProblemStatus> problems(List<SetProblem> problems) {
        return problems.stream()
                .limit(MOST_PROBLEMS)
                .map(problem -> new ProblemStatus(
                        textOrNull(problem.node()),
                        textOrNull(problem.tunnel()),
                        problem.reason(),
                        StatusMessage.bounded(problem.message())))
                .toList();
    }

    private static @Nullable String textOrNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
