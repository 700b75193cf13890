package dev.iptunnel.set.pass;

import dev.iptunnel.set.ChildTunnel;
import dev.iptunnel.set.Edge;
import dev.iptunnel.set.SetNames;
import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.set.TunnelSet.TunnelTemplate;
import dev.iptunnel.set.change.ChildDiff;
import dev.iptunnel.set.child.ChildManifest;
import dev.iptunnel.set.child.ChildTarget;
import dev.iptunnel.set.child.Comparison;
import dev.iptunnel.set.child.SetChildren;
import dev.iptunnel.set.pass.PassPlan.Application;
import dev.iptunnel.set.pass.PassPlan.Cause;
import dev.iptunnel.set.rollout.Goal;
import dev.iptunnel.set.rollout.RolloutDecision;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Which IpTunnels of a pass are applied, and why. */
final class Applications {
    private final TunnelSet set;
    private final SetChildren children;
    private final Map<String, TunnelTemplate> templates;
    private final Goal goal;
    private final Instant wall;
    private final Map<Edge, Application> byEdge = new LinkedHashMap<>();
    private final List<SetProblem> problems = new ArrayList<>();

    /**
     * None yet.
     *
     * @param templates by the name of the revision
     * @param wall the time of the pass, for people
     */
    Applications(TunnelSet set, SetChildren children, Map<String, TunnelTemplate> templates, Goal goal, Instant wall) {
        this.set = set;
        this.children = children;
        this.templates = templates;
        this.goal = goal;
        this.wall = wall;
    }

    /**
     * Decides. A tunnel that the roll-out touches is applied once, with its new template and its new addresses.
     *
     * @param targets by node
     * @param staged whether changes of membership go through the budget of the roll-out
     */
    void decide(ChildDiff diff, Map<String, List<ChildTarget>> targets, RolloutDecision decision, boolean staged) {
        Set<String> moving = decision.touches().stream()
                .filter(touch -> touch.cause() == RolloutDecision.Cause.MEMBERSHIP)
                .map(RolloutDecision.Touch::node)
                .collect(Collectors.toSet());
        follow(diff, moving, staged);
        for (RolloutDecision.Touch touch : decision.touches()) {
            if (touch.cause() == RolloutDecision.Cause.TEMPLATE) {
                goal.revision()
                        .ifPresent(revision -> touch(touch, revision, targets.getOrDefault(touch.node(), List.of())));
            }
        }
        goal.good().ifPresent(good -> join(diff, good));
    }

    /** Those to apply, in this order. */
    List<Application> all() {
        return List.copyOf(byEdge.values());
    }

    /** Why some are not applied. */
    List<SetProblem> problems() {
        return List.copyOf(problems);
    }

    /** Changed addresses and networks, and what somebody else changed. */
    private void follow(ChildDiff diff, Set<String> moving, boolean staged) {
        for (ChildDiff.Change change : diff.changed()) {
            Edge edge = change.child().edge();
            boolean byMembership = change.comparison().isByMembership();
            boolean due = !byMembership || !staged || moving.contains(edge.node()) || moving.contains(edge.peer());
            if (due) {
                byEdge.put(
                        edge,
                        new Application(
                                change.manifest(),
                                byMembership ? Cause.MEMBERSHIP : Cause.PUT_BACK,
                                Optional.of(change.comparison())));
            }
        }
    }

    private void touch(RolloutDecision.Touch touch, String revision, List<ChildTarget> wanted) {
        for (ChildTarget each : wanted) {
            Optional<ChildTunnel> child = Optional.ofNullable(children.byEdge().get(each.edge()));
            boolean isThere =
                    child.filter(tunnel -> tunnel.revision().equals(revision)).isPresent();
            if (child.filter(ChildTunnel::deleting).isEmpty() && (!isThere || goal.retry())) {
                apply(each, revision, Cause.ROLLOUT, rollout(touch, each.edge()));
            }
        }
    }

    private Map<String, String> rollout(RolloutDecision.Touch touch, Edge edge) {
        return Map.of(
                SetNames.UPDATED_AT,
                wall.toString(),
                SetNames.WAS_AVAILABLE,
                Boolean.toString(touch.wasAvailable(edge)));
    }

    /** A node that joins gets what its neighbours have; it is not part of a roll-out. */
    private void join(ChildDiff diff, String good) {
        diff.missing().stream()
                .filter(each -> !byEdge.containsKey(each.edge()))
                .forEach(each -> apply(each, good, Cause.JOIN, Map.of()));
    }

    private void apply(ChildTarget each, String revision, Cause cause, Map<String, String> annotations) {
        TunnelTemplate template = templates.get(revision);
        if (template == null) {
            return;
        }
        ChildManifest manifest = ChildManifest.render(set, each, revision, template, annotations);
        manifest.tooLarge()
                .ifPresentOrElse(
                        problems::add,
                        () -> byEdge.put(
                                each.edge(),
                                new Application(
                                        manifest,
                                        cause,
                                        Optional.ofNullable(children.byEdge().get(each.edge()))
                                                .map(child -> Comparison.of(manifest, child)))));
    }
}
