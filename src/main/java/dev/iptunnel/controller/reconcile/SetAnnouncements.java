package dev.iptunnel.controller.reconcile;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toCollection;

import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import dev.iptunnel.controller.write.TunnelWriter.Outcome;
import dev.iptunnel.set.pass.PassPlan;
import dev.iptunnel.set.pass.PassPlan.Application;
import dev.iptunnel.set.pass.PassPlan.Cause;
import dev.iptunnel.set.rollout.RolloutDecision;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Says in Events and in the log what a pass did. */
final class SetAnnouncements {
    private static final int MOST_NAMED = 5;
    private static final String MEMBERSHIP = "FollowMembership";
    private static final String ROLL_OUT = "RollOut";
    private static final String PUT_BACK = "PutBack";

    private final SetEvents events;
    private final IpTunnelSet set;
    private final PassPlan plan;

    SetAnnouncements(SetEvents events, IpTunnelSet set, PassPlan plan) {
        this.events = events;
        this.set = set;
        this.plan = plan;
    }

    /** The template turned out to be bad. */
    void failed(RolloutDecision.Failure failure) {
        events.warning(
                set,
                SetEventReason.ROLLOUT_FAILED,
                ROLL_OUT,
                "revision %s failed on node %s: %s".formatted(failure.revision(), failure.node(), failure.message()));
    }

    /** The writes of the pass ended. What was refused is in the status. */
    void written(Outcome outcome) {
        if (outcome.done() == 0) {
            return;
        }
        if (!plan.deletions().isEmpty()) {
            events.normal(
                    set,
                    SetEventReason.TUNNELS_REMOVED,
                    MEMBERSHIP,
                    "removed tunnels of "
                            + named(plan.deletions().stream()
                                    .map(child -> child.edge().node())
                                    .collect(toCollection(TreeSet::new))));
        }
        Map<Cause, SortedSet<String>> nodes = plan.applications().stream()
                .collect(groupingBy(
                        Application::cause,
                        mapping(
                                application ->
                                        application.manifest().target().edge().node(),
                                toCollection(TreeSet::new))));
        nodes.forEach((cause, of) -> applied(cause, of));
    }

    private void applied(Cause cause, SortedSet<String> nodes) {
        switch (cause) {
            case JOIN ->
                events.normal(set, SetEventReason.TUNNELS_CREATED, MEMBERSHIP, "created tunnels on " + named(nodes));
            case MEMBERSHIP ->
                events.normal(
                        set,
                        SetEventReason.TUNNELS_FOLLOWED,
                        MEMBERSHIP,
                        "changed addresses or routes of tunnels on " + named(nodes));
            case ROLLOUT ->
                events.normal(
                        set,
                        SetEventReason.NODES_UPDATED,
                        ROLL_OUT,
                        "gave revision " + revision() + " to " + named(nodes));
            case PUT_BACK ->
                plan.applications().stream()
                        .filter(application -> application.cause() == Cause.PUT_BACK)
                        .limit(MOST_NAMED)
                        .forEach(application -> events.warning(
                                set,
                                SetEventReason.TUNNEL_PUT_BACK,
                                PUT_BACK,
                                "somebody else changed " + fields(application) + " of IpTunnel "
                                        + application.manifest().target().tunnel()
                                        + ": change the set instead"));
        }
    }

    private static String fields(Application application) {
        return application
                .difference()
                .map(difference -> String.join(", ", difference.fields()))
                .orElse("fields");
    }

    private String revision() {
        return plan.applications().stream()
                .filter(application -> application.cause() == Cause.ROLLOUT)
                .map(application -> application.manifest().revision())
                .findFirst()
                .orElse(plan.revision().revision().name());
    }

    /** The roll-out is over. */
    void done() {
        if (plan.decision().done()) {
            events.normal(
                    set,
                    SetEventReason.ROLLOUT_COMPLETE,
                    ROLL_OUT,
                    "every node that can be reached has revision "
                            + plan.revision().revision().name());
        }
    }

    private static String named(SortedSet<String> nodes) {
        List<String> first = nodes.stream().limit(MOST_NAMED).toList();
        int more = nodes.size() - first.size();
        return (nodes.size() == 1 ? "node " : "nodes ")
                + first.stream().collect(Collectors.joining(", "))
                + (more > 0 ? " and " + more + " more" : "");
    }
}
