package dev.iptunnel.agent.confirm;

import dev.iptunnel.agent.program.TunnelProgrammer;
import dev.iptunnel.kernel.KernelException;
import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.planner.Claims;
import dev.iptunnel.planner.Planner;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.DesiredTunnel;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends trials whose process was stopped before the API server answered: waits for an answer until the deadline of the change,
 * and undoes the change if none comes. A change of a former boot is undone: nothing of it is in the kernel.
 */
final class InterruptedTrials {
    private static final Logger log = LoggerFactory.getLogger(InterruptedTrials.class);

    private final TunnelKernel kernel;
    private final ApiServerAnswers answers;
    private final ChangeJournal journal;
    private final Boot boot;

    InterruptedTrials(TunnelKernel kernel, ApiServerAnswers answers, ChangeJournal journal, Boot boot) {
        this.kernel = kernel;
        this.answers = answers;
        this.journal = journal;
        this.boot = boot;
    }

    void end(StoredChange change) {
        boolean sameBoot = change.boot().equals(boot.id());
        Set<InetSocketAddress> reached = change.servers().stream()
                .flatMap(text -> ApiServerAnswers.parse(text).stream())
                .collect(Collectors.toSet());
        if (sameBoot && answersInTime(change, reached)) {
            journal.confirmed(change);
            return;
        }
        String why = "generation " + change.generation() + " was not confirmed when the "
                + (sameBoot
                        ? "agent was stopped, the API server (" + String.join(", ", change.servers())
                                + ") did not answer afterwards, and the change was undone"
                        : "node was stopped, and was undone")
                + (change.held() == null || change.held().isNull()
                        ? "; there is no tunnel until the spec changes"
                        : "; the tunnel is as before, until the spec changes");
        journal.rolledBack(change, why, Cause.RESTART);
        if (sameBoot) {
            undo(change);
        }
    }

    private boolean answersInTime(StoredChange change, Set<InetSocketAddress> reached) {
        while (!reached.isEmpty() && boot.seconds() < change.deadline()) {
            if (answers.oneOf(reached)) {
                return true;
            }
        }
        return answers.oneOf(reached);
    }

    private void undo(StoredChange change) {
        try {
            Optional<DesiredTunnel> held = HeldSpec.read(change);
            if (held.isPresent()) {
                new TunnelProgrammer(kernel).program(held.get(), OptionalInt.empty(), () -> Claims.NONE, _ -> {});
            } else {
                kernel.markedBy(change.manager(), change.name()).stream()
                        .filter(link -> isOf(link, change))
                        .map(link -> Planner.remove(link, DeletionPolicy.DELETE))
                        .forEach(kernel::execute);
            }
        } catch (KernelException e) {
            log.atError().addKeyValue("tunnel", change.name()).log("the change was not undone: {}", e.detail());
        }
    }

    private static boolean isOf(ObservedLink link, StoredChange change) {
        return link.mark().filter(mark -> mark.uid().equals(change.uid())).isPresent();
    }
}
