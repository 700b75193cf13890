package dev.iptunnel.command;

import dev.iptunnel.agent.program.TunnelProgrammer;
import dev.iptunnel.kernel.KernelException;
import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.kernel.inventory.PresentTunnel;
import dev.iptunnel.manifest.NodeManifests;
import dev.iptunnel.manifest.Problem;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.planner.Planner;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.Mark;
import java.util.List;
import java.util.Optional;

/** Removes tunnels of the command, or only their marks. The caller holds the writer's lock. */
public final class DeleteRun {
    private final TunnelProgrammer programmer;
    private final List<PresentTunnel> present;
    private final ClusterOwned clusterOwned;
    private final Report report;

    /** @param present all tunnels of the node */
    public DeleteRun(TunnelKernel kernel, List<PresentTunnel> present, ClusterOwned clusterOwned, Report report) {
        this.programmer = new TunnelProgrammer(kernel);
        this.present = List.copyOf(present);
        this.clusterOwned = clusterOwned;
        this.report = report;
    }

    /**
     * Removes the tunnel of the IpTunnel of that name, or the interface of that name if it has a mark.
     *
     * @param keep whether the tunnel stays and only its mark is removed
     * @param mayBeGone whether it is no error that there is none
     */
    public void delete(String name, boolean keep, boolean mayBeGone) {
        Optional<PresentTunnel> found = marked(name)
                .or(() ->
                        present.stream().filter(tunnel -> tunnel.isNamed(name)).findFirst());
        if (found.isEmpty()) {
            if (mayBeGone) {
                report.line(name, "not there");
            } else {
                report.failed(Exit.ERROR, name + ": there is no such tunnel; `iptunnel get` lists all");
            }
            return;
        }
        ObservedLink link = found.get().link();
        Optional<Refusal> refusal = refuse(found.get());
        if (refusal.isPresent()) {
            report.refused(name, refusal.get());
        } else {
            remove(name, link, link.mark().orElseThrow(), keep);
        }
    }

    private Optional<PresentTunnel> marked(String name) {
        return present.stream()
                .filter(tunnel -> !tunnel.fallback())
                .filter(tunnel -> tunnel.link()
                        .mark()
                        .filter(mark -> mark.name().equals(name))
                        .isPresent())
                .min((one, other) -> Boolean.compare(
                        ClusterOwned.mark(one.link()).isPresent(),
                        ClusterOwned.mark(other.link()).isPresent()));
    }

    private Optional<Refusal> refuse(PresentTunnel tunnel) {
        ObservedLink link = tunnel.link();
        if (tunnel.fallback()) {
            return conflict(link.inWords() + " is the fallback device of the kernel's driver, which nobody can remove");
        }
        if (link.mark().isEmpty()) {
            return conflict(
                    link.inWords() + " was made by somebody else, since it has no mark of ours; if nobody needs it,"
                            + " remove it by `ip link del " + link.name() + "`");
        }
        return ClusterOwned.mark(link).flatMap(mark -> clusterOwned.refuse(link, mark));
    }

    private static Optional<Refusal> conflict(String message) {
        return Optional.of(new Refusal(Reason.INTERFACE_NAME_CONFLICT, message));
    }

    private void remove(String name, ObservedLink link, Mark mark, boolean keep) {
        DeletionPolicy policy = keep ? DeletionPolicy.RETAIN : mark.deletionPolicy();
        try {
            if (!programmer.remove(link, policy, () -> true)) {
                report.failed(Exit.ERROR, name + ": " + link.inWords() + " changed meanwhile; look again");
                return;
            }
            String command = Planner.remove(link, policy).toString().strip();
            report.line(
                    name,
                    policy == DeletionPolicy.DELETE
                            ? "deleted: " + command
                            : "kept without its mark" + (keep ? "" : ", since its deletionPolicy is Retain") + ": "
                                    + command);
            if (!mark.isOf(Mark.COMMAND)) {
                report.note(name + ": " + ClusterOwned.warning(mark));
            }
        } catch (KernelException e) {
            report.refused(name, new Refusal(e.reason(), e.detail()));
        }
    }

    /**
     * Removes the tunnels of the command that no manifest has. If a manifest cannot be read, or there is none at all, nothing
     * is removed: the tunnels of the missing ones would go.
     */
    public void prune(NodeManifests manifests) {
        Optional<Problem> problem = manifests.problems().stream().findFirst();
        if (problem.isPresent()) {
            report.failed(Exit.ERROR, "nothing is pruned while a manifest has an error");
        } else if (manifests.names().isEmpty()) {
            report.failed(
                    Exit.REFUSED,
                    "nothing is pruned, because the files have no IpTunnel at all; `iptunnel delete NAME` removes one");
        } else {
            present.stream()
                    .filter(tunnel -> !tunnel.fallback())
                    .flatMap(tunnel -> tunnel.link().mark().stream())
                    .filter(mark ->
                            mark.isOf(Mark.COMMAND) && !manifests.names().contains(mark.name()))
                    .map(Mark::name)
                    .distinct()
                    .forEach(name -> delete(name, false, true));
        }
    }
}
