package dev.iptunnel.set.pass;

import dev.iptunnel.set.ChildTunnel;
import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.set.address.Allocations;
import dev.iptunnel.set.change.ChildPlan;
import dev.iptunnel.set.child.ChildManifest;
import dev.iptunnel.set.child.Comparison;
import dev.iptunnel.set.child.SetChildren;
import dev.iptunnel.set.member.Members;
import dev.iptunnel.set.revision.Revisions;
import dev.iptunnel.set.rollout.NodeProgress;
import dev.iptunnel.set.rollout.RolloutDecision;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a pass found, and what is to be written. The parts are written in this order, and what comes later only if all before
 * it was written.
 *
 * @param addresses to be stored; absent: they are stored already
 * @param revision to be stored, if {@link Revisions.Target#isNew()}
 * @param deletions of IpTunnels
 * @param applications of IpTunnels, in this order
 * @param progress of the nodes
 * @param problems of the set, of nodes and of tunnels
 */
public record PassPlan(
        TunnelSet set,
        Members members,
        SetChildren children,
        Optional<Allocations> addresses,
        Allocations allocations,
        Revisions.Target revision,
        ChildPlan plan,
        RolloutDecision decision,
        List<NodeProgress> progress,
        List<ChildTunnel> deletions,
        List<Application> applications,
        List<SetProblem> problems,
        Optional<String> retried,
        PassMemory memory) {

    public PassPlan {
        progress = List.copyOf(progress);
        deletions = List.copyOf(deletions);
        applications = List.copyOf(applications);
        problems = List.copyOf(problems);
    }

    /**
     * Whether the set becomes the owner of an IpTunnel that exists. It lost its owner also if a set was just deleted without
     * its IpTunnels, and the watch has not shown that yet: with the owner put back, it would be deleted after the set.
     */
    public boolean takesOver() {
        Set<String> ofOthers = children.byEdge().values().stream()
                .filter(child -> !child.setUid().equals(set.uid()))
                .map(ChildTunnel::name)
                .collect(Collectors.toSet());
        return applications.stream()
                .anyMatch(application ->
                        ofOthers.contains(application.manifest().target().tunnel()));
    }

    /**
     * An IpTunnel to apply.
     *
     * @param difference from the one that exists; absent: it is created
     */
    public record Application(ChildManifest manifest, Cause cause, Optional<Comparison> difference) {}

    /** Why an IpTunnel is applied. */
    public enum Cause {
        /** A node joined. */
        JOIN,
        /** Addresses or networks of nodes changed. */
        MEMBERSHIP,
        /** Somebody else changed what the set says. */
        PUT_BACK,
        /** The roll-out gives the node another template. */
        ROLLOUT
    }
}
