package dev.iptunnel.command;

import dev.iptunnel.agent.program.Look;
import dev.iptunnel.kernel.KernelException;
import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.manifest.NodeManifests;
import dev.iptunnel.manifest.NodeManifests.Wanted;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.planner.Claims;
import dev.iptunnel.tunnel.Mark;
import java.util.Optional;
import java.util.OptionalInt;

/** Says what would be done, and changes nothing. */
public final class PlanRun {
    private final TunnelKernel kernel;
    private final NodeManifests manifests;
    private final ClusterOwned clusterOwned;
    private final Report report;

    public PlanRun(TunnelKernel kernel, NodeManifests manifests, ClusterOwned clusterOwned, Report report) {
        this.kernel = kernel;
        this.manifests = clusterOwned.adapted(
                manifests, desired -> kernel.observe(desired).named());
        this.clusterOwned = clusterOwned;
        this.report = report;
    }

    /** Plans every tunnel, each against what the kernel holds now. */
    public void run() {
        Claims claims = manifests.claims();
        for (Wanted wanted : manifests.wanted()) {
            try {
                plan(wanted, claims);
            } catch (KernelException e) {
                report.refused(wanted.name(), new Refusal(e.reason(), e.detail()));
            }
        }
    }

    private void plan(Wanted wanted, Claims claims) {
        Look look = Look.at(wanted.desired(), kernel.observe(wanted.desired()), OptionalInt.empty(), claims);
        Optional<Mark> cluster = look.observed().named().flatMap(ClusterOwned::mark);
        if (cluster.isPresent()) {
            Optional<Refusal> refusal =
                    clusterOwned.refuse(look.observed().named().get(), cluster.get());
            if (refusal.isPresent()) {
                report.refused(wanted.name(), refusal.get());
                return;
            }
        }
        decision(wanted, look);
    }

    private void decision(Wanted wanted, Look look) {
        switch (look.decision()) {
            case Refusal refusal
            when isMadeFirst(wanted, refusal) -> {
                report.line(
                        wanted.name(), "to be made after its parent " + parent(wanted) + ", which does not exist yet");
                report.ends(Exit.CHANGES);
            }
            case Refusal refusal -> report.refused(wanted.name(), refusal);
            case Plan plan
            when look.desired().paused() -> {
                report.line(wanted.name(), "paused" + (plan.isEmpty() ? "" : ", left to do:"));
                report.below(plan.toString());
                look.next().ifPresent(note -> changes(wanted, note));
            }
            case Plan plan -> changes(wanted, plan);
        }
    }

    private void changes(Wanted wanted, Plan plan) {
        int count = plan.operations().size();
        report.line(
                wanted.name(),
                switch (count) {
                            case 0 -> "nothing to do";
                            case 1 -> "1 change";
                            default -> count + " changes";
                        }
                        + (plan.interruptsTraffic() ? ", which interrupts traffic" : ""));
        report.below(plan.toString());
        report.ends(count == 0 ? Exit.OK : Exit.CHANGES);
        plan.refused().forEach(refusal -> report.ends(Exit.of(refusal.reason())));
    }

    /** Whether what is missing is the tunnel of another manifest. */
    private boolean isMadeFirst(Wanted wanted, Refusal refusal) {
        return refusal.reason() == Reason.PARENT_NOT_FOUND
                && manifests.wanted().stream()
                        .anyMatch(other -> other.desired().interfaceName().equals(parent(wanted)));
    }

    private static String parent(Wanted wanted) {
        return wanted.desired().parent().orElse("");
    }
}
