package dev.iptunnel.set.change;

import dev.iptunnel.set.ChildTunnel;
import dev.iptunnel.set.Edge;
import dev.iptunnel.set.SetNames;
import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.set.TunnelSet.TunnelTemplate;
import dev.iptunnel.set.child.ChildManifest;
import dev.iptunnel.set.child.ChildTarget;
import dev.iptunnel.set.child.Comparison;
import dev.iptunnel.set.child.SetChildren;
import dev.iptunnel.set.member.Member;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What membership asks to be created, changed and deleted. All lists have both ends of a pair next to one another.
 *
 * @param missing to be created, at a revision that the roll-out decides
 * @param changed tunnels that differ from what the set says at their own revision
 * @param surplus what the set does not ask for any more; {@link RemovalGuard} decides when it goes
 * @param problems of tunnels that the API server would refuse
 * @param moved the nodes whose addresses or networks made tunnels change
 */
public record ChildDiff(
        List<ChildTarget> missing,
        List<Change> changed,
        List<ChildTunnel> surplus,
        List<SetProblem> problems,
        Set<String> moved) {
    private static final int SHARE = 5;

    /** A tunnel, and what to apply. */
    public record Change(ChildTunnel child, ChildManifest manifest, Comparison comparison) {}

    /**
     * Compares.
     *
     * @param blocked edges that must not be written: their tunnels stay as they are
     * @param members all of them: the tunnels of a member without a target, because it is leaving or has no inner address,
     *     stay as they are
     * @param template the template of a revision, by its name; a tunnel of an unknown revision is left to the roll-out
     */
    public static ChildDiff of(
            TunnelSet set,
            List<ChildTarget> targets,
            SetChildren children,
            Set<Edge> blocked,
            Collection<Member> members,
            Function<String, Optional<TunnelTemplate>> template) {
        List<ChildTarget> missing = new ArrayList<>();
        List<Change> changed = new ArrayList<>();
        List<SetProblem> problems = new ArrayList<>();
        Set<String> moved = new HashSet<>();
        Set<Edge> wanted = new HashSet<>(blocked);
        for (ChildTarget target : targets) {
            wanted.add(target.edge());
            if (blocked.contains(target.edge())) {
                continue;
            }
            ChildTunnel child = children.byEdge().get(target.edge());
            if (child == null) {
                ChildManifest.render(set, target, "", set.template(), Map.of())
                        .tooLarge()
                        .ifPresentOrElse(problems::add, () -> missing.add(target));
            } else if (!child.deleting()) {
                change(set, target, child, template).ifPresent(change -> {
                    Optional<SetProblem> problem = change.manifest().tooLarge();
                    problem.ifPresentOrElse(problems::add, () -> {
                        changed.add(change);
                        Causes.of(change).forEach(moved::add);
                    });
                });
            }
        }
        return new ChildDiff(
                List.copyOf(missing),
                List.copyOf(changed),
                surplus(set, targets, children, wanted, members),
                List.copyOf(problems),
                Set.copyOf(moved));
    }

    /** Whether so many nodes moved at a time that the changes have to go through the budget of the roll-out. */
    public boolean isMassive(int members) {
        return moved.size() > Math.max(1, members / SHARE);
    }

    private static Optional<Change> change(
            TunnelSet set, ChildTarget target, ChildTunnel child, Function<String, Optional<TunnelTemplate>> template) {
        return template.apply(child.revision())
                .map(found -> ChildManifest.render(set, target, child.revision(), found, rollout(child)))
                .map(manifest -> new Change(child, manifest, Comparison.of(manifest, child)))
                .filter(change -> !change.comparison().isEqual());
    }

    /** The annotations of the roll-out, which a change of membership keeps. */
    public static Map<String, String> rollout(ChildTunnel child) {
        Map<String, String> kept = new TreeMap<>(child.annotations());
        kept.keySet().retainAll(Set.of(SetNames.UPDATED_AT, SetNames.WAS_AVAILABLE));
        return kept;
    }

    private static List<ChildTunnel> surplus(
            TunnelSet set,
            List<ChildTarget> targets,
            SetChildren children,
            Set<Edge> wanted,
            Collection<Member> members) {
        Set<String> all = members.stream().map(Member::name).collect(Collectors.toSet());
        Set<String> served =
                targets.stream().map(target -> target.edge().node()).collect(Collectors.toSet());
        Predicate<Edge> isKept = edge -> all.contains(edge.node())
                && (edge.peer().isEmpty() || all.contains(edge.peer()))
                && !(served.contains(edge.node()) && (edge.peer().isEmpty() || served.contains(edge.peer())));
        return Stream.concat(
                        children.byEdge().values().stream()
                                .filter(child -> SetChildren.isOwn(set, child))
                                .filter(child -> !wanted.contains(child.edge()))
                                .filter(child -> !isKept.test(child.edge())),
                        children.doubles().stream())
                .filter(child -> !child.deleting())
                .toList();
    }

    /** Whose move made a tunnel change: the node that has it, or its peer. */
    private static final class Causes {
        private Causes() {}

        static Stream<String> of(Change change) {
            Edge edge = change.child().edge();
            List<String> fields = change.comparison().fields();
            if (edge.peer().isEmpty()) {
                return change.comparison().isByMembership() ? Stream.of(edge.node()) : Stream.empty();
            }
            List<String> causes = new ArrayList<>();
            if (fields.contains("local") || ownAddress(change)) {
                causes.add(edge.node());
            }
            if (fields.contains("remote")
                    || fields.contains("routes")
                    || (fields.contains("addresses") && !ownAddress(change))) {
                causes.add(edge.peer());
            }
            return causes.stream();
        }

        private static boolean ownAddress(Change change) {
            String key = SetNames.INNER_ADDRESS;
            String before = change.child().annotations().getOrDefault(key, "");
            String after =
                    change.manifest().metadata().path("annotations").path(key).asText();
            return !firstWord(before).equals(firstWord(after));
        }

        private static String firstWord(String text) {
            return text.split(" ", 2)[0];
        }
    }
}
