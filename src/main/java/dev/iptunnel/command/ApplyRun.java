package dev.iptunnel.command;

import dev.iptunnel.agent.program.Outcome;
import dev.iptunnel.agent.program.TunnelProgrammer;
import dev.iptunnel.kernel.KernelException;
import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.manifest.NodeManifests;
import dev.iptunnel.manifest.NodeManifests.Wanted;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Operation.AddTunnel;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.planner.Claims;
import dev.iptunnel.tunnel.Mark;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** Makes the kernel hold what the manifests ask for. The caller holds the writer's lock. */
public final class ApplyRun {
    private final TunnelKernel kernel;
    private final TunnelProgrammer programmer;
    private final NodeManifests manifests;
    private final ClusterOwned clusterOwned;
    private final Report report;
    private final Claims claims;

    public ApplyRun(TunnelKernel kernel, NodeManifests manifests, ClusterOwned clusterOwned, Report report) {
        this.kernel = kernel;
        this.programmer = new TunnelProgrammer(kernel);
        this.manifests = clusterOwned.adapted(
                manifests, desired -> kernel.observe(desired).named());
        this.clusterOwned = clusterOwned;
        this.report = report;
        this.claims = this.manifests.claims();
    }

    /** A tunnel whose program did not succeed, which another one may make possible. */
    private record Waiting(Wanted wanted, Refusal refusal) {}

    /**
     * Programs every tunnel. Those that wait for something, such as a parent that is itself a tunnel of the manifests, are
     * tried again as long as others succeed.
     */
    public void run() {
        List<Wanted> left = manifests.wanted();
        while (!left.isEmpty()) {
            List<Waiting> waiting = new ArrayList<>();
            left.forEach(wanted -> program(wanted).ifPresent(waiting::add));
            if (waiting.size() == left.size()) {
                waiting.forEach(one -> report.refused(one.wanted().name(), one.refusal()));
                return;
            }
            left = waiting.stream().map(Waiting::wanted).toList();
        }
    }

    /** @return present if it may be tried again */
    private Optional<Waiting> program(Wanted wanted) {
        try {
            var named = kernel.observe(wanted.desired()).named();
            Optional<Mark> cluster = named.flatMap(ClusterOwned::mark);
            Optional<Refusal> refusal = cluster.flatMap(mark -> clusterOwned.refuse(named.orElseThrow(), mark));
            if (refusal.isPresent()) {
                report.refused(wanted.name(), refusal.get());
                return Optional.empty();
            }
            Outcome outcome = programmer.program(
                    wanted.desired(),
                    OptionalInt.empty(),
                    () -> claims,
                    plan -> report.note(wanted.name() + ": interrupts traffic: " + why(plan)));
            if (outcome.executed().isEmpty()
                    && outcome.notProgrammed().filter(why -> !why.stalls()).isPresent()) {
                return Optional.of(new Waiting(wanted, outcome.notProgrammed().get()));
            }
            done(wanted.name(), outcome);
            cluster.ifPresent(mark -> report.note(wanted.name() + ": " + ClusterOwned.warning(mark)));
        } catch (KernelException e) {
            report.refused(wanted.name(), new Refusal(e.reason(), e.detail()));
        }
        return Optional.empty();
    }

    private static String why(Plan plan) {
        return plan.disruption().orElseGet(() -> plan.displaced().stream()
                .map(displaced -> displaced.what())
                .collect(Collectors.joining("; ")));
    }

    private void done(String name, Outcome outcome) {
        List<Operation> operations = outcome.executed().stream()
                .flatMap(plan -> plan.operations().stream())
                .toList();
        boolean created = operations.stream().anyMatch(AddTunnel.class::isInstance);
        if (operations.isEmpty() && outcome.programmed()) {
            report.line(name, "unchanged");
        } else if (!operations.isEmpty()) {
            report.line(
                    name,
                    (created ? "created: " : "changed: ")
                            + operations.stream().map(Operation::toString).collect(Collectors.joining("; ")));
        }
        outcome.notProgrammed().ifPresent(refusal -> report.refused(name, refusal));
    }
}
