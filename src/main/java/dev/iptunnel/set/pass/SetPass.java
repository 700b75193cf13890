package dev.iptunnel.set.pass;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;

import dev.iptunnel.set.ChildTunnel;
import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.set.TunnelSet.TunnelTemplate;
import dev.iptunnel.set.address.Allocations;
import dev.iptunnel.set.address.Allocator;
import dev.iptunnel.set.address.RebuiltAddresses;
import dev.iptunnel.set.change.ChildDiff;
import dev.iptunnel.set.change.ChildPlan;
import dev.iptunnel.set.change.PoolConflict;
import dev.iptunnel.set.child.ChildTarget;
import dev.iptunnel.set.child.SetChildren;
import dev.iptunnel.set.member.Edges;
import dev.iptunnel.set.member.Member;
import dev.iptunnel.set.member.MemberMemory;
import dev.iptunnel.set.member.Members;
import dev.iptunnel.set.revision.RevisionText;
import dev.iptunnel.set.revision.Revisions;
import dev.iptunnel.set.rollout.Goal;
import dev.iptunnel.set.rollout.NodeProgress;
import dev.iptunnel.set.rollout.Rollout;
import dev.iptunnel.set.rollout.RolloutDecision;
import dev.iptunnel.set.rollout.Sighting;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One pass over a set. Membership is followed at once, the template goes through the roll-out. Everything is computed from
 * what the cluster has, so a pass that was cut short costs nothing but the next one.
 */
public final class SetPass {
    private final TunnelSet set;
    private final PassInput around;
    private final Members members;
    /** The nodes that are not ready, or whose agents do not respond. */
    private final Set<String> down;

    private final SetChildren children;
    private final Map<String, TunnelTemplate> templates;
    private final Revisions.Target target;
    private final Goal goal;

    private SetPass(TunnelSet set, PassInput around, Members members) {
        this.set = set;
        this.around = around;
        this.members = members;
        this.down = Stream.concat(
                        around.dead().stream(),
                        members.members().stream()
                                .filter(member -> !member.ready())
                                .map(Member::name))
                .collect(Collectors.toUnmodifiableSet());
        children = children(set, around);
        target = around.revisions().target(RevisionText.of(set.template()), revisionsInUse(children));
        templates = templates(around.revisions(), target, set);
        goal = Goal.of(
                target.revision().name(),
                around.revisions(),
                set.retry(),
                around.retried(),
                set.rollout().onFailure());
    }

    /** The result of a pass. */
    public sealed interface Result {
        /** What is to be written. */
        record Planned(PassPlan plan) implements Result {}

        /** Nothing of the set may be changed; its tunnels stay as they are. */
        record Halted(SetProblem problem, MemberMemory memory) implements Result {}
    }

    /** Which nodes a set has; {@link Members#toConfirm} names those that must be read before {@link #plan}. */
    public static Members members(TunnelSet set, PassInput around, PassMemory memory) {
        return Members.of(
                set,
                around.nodes(),
                List.copyOf(children(set, around).byEdge().values()),
                around.confirmedGone(),
                memory.members(),
                around.now());
    }

    /** Decides what is written. */
    public static Result plan(TunnelSet set, PassInput around, PassMemory memory) {
        Members members = members(set, around, memory);
        return new SetPass(set, around, members).plan(memory);
    }

    private static SetChildren children(TunnelSet set, PassInput around) {
        return SetChildren.of(set, around.labelled(), around.sets());
    }

    private static Set<String> revisionsInUse(SetChildren children) {
        return Stream.concat(children.byEdge().values().stream(), children.doubles().stream())
                .map(ChildTunnel::revision)
                .collect(Collectors.toSet());
    }

    private static Map<String, TunnelTemplate> templates(Revisions revisions, Revisions.Target target, TunnelSet set) {
        Map<String, TunnelTemplate> templates = new HashMap<>();
        revisions.known().forEach(known -> RevisionTemplate.read(
                        known.text(), set.template().mode())
                .ifPresent(template -> templates.put(known.name(), template)));
        String name = target.revision().name();
        templates.put(
                name,
                RevisionTemplate.read(target.revision().text(), set.template().mode())
                        .orElse(set.template()));
        return templates;
    }

    private Result plan(PassMemory memory) {
        Optional<SetProblem> conflict = PoolConflict.of(set, around.pools(), around.nodes());
        if (conflict.isPresent()) {
            return halted(conflict.get());
        }
        Stored stored = stored();
        if (stored.problem().isPresent()) {
            return halted(stored.problem().get());
        }
        Allocator.Outcome addresses = Allocator.ensure(
                set, names(members.selectedMembers()), nodesWithTunnels(), stored.allocations(), around.wall());
        ChildPlan.Situation situation = new ChildPlan.Situation(
                set,
                members,
                addresses.allocations().addresses(),
                addresses.unserved(),
                children,
                around.claims(),
                around.collisions());
        Edges edges = situation.edges();
        if (edges.problem().isPresent()) {
            return halted(edges.problem().get());
        }
        Function<String, Optional<TunnelTemplate>> template = name -> Optional.ofNullable(templates.get(name));
        ChildPlan plan = ChildPlan.of(situation, edges, template, memory.removals(), around.now());
        boolean isStored = around.addresses()
                .map(data -> data.equals(addresses.allocations().toData()))
                .orElse(addresses.allocations().equals(Allocations.NONE));
        return new Result.Planned(rollOut(plan, addresses, isStored, memory));
    }

    private Result halted(SetProblem problem) {
        return new Result.Halted(problem, members.memory());
    }

    /** What is stored of the addresses, or why it cannot be used. */
    private record Stored(Allocations allocations, Optional<SetProblem> problem) {}

    private Stored stored() {
        if (around.addresses().isEmpty()) {
            RebuiltAddresses rebuilt = RebuiltAddresses.of(children.byEdge().values());
            return new Stored(rebuilt.allocations(), rebuilt.problem());
        }
        Allocations.Parsed parsed = Allocations.parse(
                set.template().mode().inner(), around.addresses().get());
        return new Stored(
                parsed.allocations(),
                parsed.errors().stream()
                        .findFirst()
                        .map(error -> new SetProblem(
                                "",
                                "",
                                "AddressesUnreadable",
                                "the ConfigMap with the set's inner addresses cannot be used (" + error
                                        + "): correct it, or delete it to have it made again from the set's tunnels; until"
                                        + " then the set's tunnels stay as they are")));
    }

    private static List<String> names(List<Member> members) {
        return members.stream().map(Member::name).toList();
    }

    private Set<String> nodesWithTunnels() {
        return children.byEdge().keySet().stream()
                .flatMap(edge -> Stream.of(edge.node(), edge.peer()))
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toSet());
    }

    private PassPlan rollOut(ChildPlan plan, Allocator.Outcome addresses, boolean isStored, PassMemory memory) {
        Map<String, List<ChildTarget>> targets = plan.targets().stream()
                .collect(groupingBy(each -> each.edge().node(), LinkedHashMap::new, Collectors.toList()));
        boolean staged = plan.diff().isMassive(members.members().size());
        List<NodeProgress> progress = members.selectedMembers().stream()
                .map(member ->
                        progress(member, targets.getOrDefault(member.name(), List.of()), staged, plan.diff(), memory))
                .toList();
        RolloutDecision decision = Rollout.decide(goal, set.rollout(), progress);
        Applications applications = new Applications(set, children, templates, goal, around.wall());
        applications.decide(plan.diff(), targets, decision, staged);
        List<SetProblem> problems = new ArrayList<>(members.unusable());
        addresses.exhausted().ifPresent(problems::add);
        problems.addAll(addresses.problems());
        problems.addAll(plan.problems());
        plan.removal().held().ifPresent(problems::add);
        problems.addAll(applications.problems());
        return new PassPlan(
                set,
                members,
                children,
                isStored ? Optional.empty() : Optional.of(addresses.allocations()),
                addresses.allocations(),
                target,
                plan,
                decision,
                progress,
                plan.removal().removable(),
                applications.all(),
                problems,
                goal.retried(set.retry(), around.retried()),
                new PassMemory(
                        members.memory(),
                        plan.removal().memory(),
                        progress.stream().collect(toMap(NodeProgress::node, NodeProgress::sighting))));
    }

    private NodeProgress progress(
            Member member, List<ChildTarget> wanted, boolean staged, ChildDiff diff, PassMemory memory) {
        List<ChildTunnel> tunnels = wanted.stream()
                .flatMap(each -> Optional.ofNullable(children.byEdge().get(each.edge())).stream())
                // No template is blamed for a peer that is down.
                .map(tunnel -> down.contains(tunnel.edge().peer()) ? tunnel.withAnsweringPeer() : tunnel)
                .toList();
        Optional<Sighting> before = Optional.ofNullable(memory.sightings().get(member.name()));
        return NodeProgress.of(
                new NodeProgress.Member(
                        member.name(),
                        member.controlPlane(),
                        member.hub(),
                        down.contains(member.name()),
                        staged && diff.moved().contains(member.name()),
                        wanted.size(),
                        tunnels),
                goal,
                set.rollout(),
                tunnel -> tunnel.revision().equals(goal.compared()),
                before,
                around.now());
    }
}
