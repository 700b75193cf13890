package dev.iptunnel.set.change;

import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.set.TunnelSet.TunnelTemplate;
import dev.iptunnel.set.child.ChildTarget;
import dev.iptunnel.set.child.ChildTargets;
import dev.iptunnel.set.child.NamedEdges;
import dev.iptunnel.set.child.SetChildren;
import dev.iptunnel.set.member.Edges;
import dev.iptunnel.set.member.Member;
import dev.iptunnel.set.member.Members;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * What membership asks of the tunnels of a set.
 *
 * @param targets the tunnels that the set asks for and may write; the roll-out renders them
 * @param blocked how many it asks for and must not write
 * @param removal which of {@link ChildDiff#surplus} may go
 * @param collisions to be stored in the status before a tunnel is created
 * @param problems of single nodes and tunnels
 */
public record ChildPlan(
        List<ChildTarget> targets,
        int blocked,
        ChildDiff diff,
        RemovalGuard removal,
        int collisions,
        List<SetProblem> problems) {

    /**
     * What the cluster has.
     *
     * @param addresses the inner addresses by node, as they are stored
     * @param unserved members for which the pool has no address
     * @param claims of all IpTunnels that are not in {@code children}
     * @param collisions as the set's status has it
     */
    public record Situation(
            TunnelSet set,
            Members members,
            Map<String, InetAddress> addresses,
            Collection<String> unserved,
            SetChildren children,
            Collection<Claim> claims,
            int collisions) {

        /** The tunnels that the topology asks for, between members that have what they need. */
        public Edges edges() {
            Set<String> without = Set.copyOf(unserved);
            List<Member> able = members.selectedMembers().stream()
                    .filter(member -> !without.contains(member.name()))
                    .toList();
            return Edges.of(set, able);
        }
    }

    /**
     * Makes the plan.
     *
     * @param edges of the situation, without a problem
     * @param template the template of a revision, by its name
     * @param now nanoseconds of the clock of {@code memory}
     */
    public static ChildPlan of(
            Situation situation,
            Edges edges,
            Function<String, Optional<TunnelTemplate>> template,
            RemovalGuard.Memory memory,
            long now) {
        TunnelSet set = situation.set();
        SetChildren children = situation.children();
        NamedEdges named = NamedEdges.of(
                set, edges.edges(), children.byEdge(), Claim.taken(situation.claims()), situation.collisions());
        ChildTargets all = ChildTargets.of(
                set, situation.members().selectedMembers(), edges.edges(), named.names(), situation.addresses());
        Conflicts conflicts = Conflicts.of(set, all.targets(), children.byEdge(), situation.claims());
        ChildDiff diff = ChildDiff.of(
                set,
                all.targets(),
                children,
                conflicts.blocked(),
                situation.members().members(),
                template);
        int count = children.byEdge().size() + children.doubles().size();
        List<SetProblem> problems = new ArrayList<>(all.problems());
        problems.addAll(conflicts.problems());
        problems.addAll(diff.problems());
        List<ChildTarget> writable = all.targets().stream()
                .filter(target -> !conflicts.blocked().contains(target.edge()))
                .toList();
        return new ChildPlan(
                writable,
                all.targets().size() - writable.size(),
                diff,
                RemovalGuard.of(set, diff.surplus(), count, memory, now),
                named.collisions(),
                List.copyOf(problems));
    }
}
