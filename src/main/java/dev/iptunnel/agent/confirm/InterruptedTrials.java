package dev.iptunnel.agent.confirm;

import dev.iptunnel.agent.program.TunnelProgrammer;
import dev.iptunnel.kernel.KernelException;
import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.planner.Claims;
import dev.iptunnel.planner.Planner;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.DesiredTunnel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the trials that a former process began, before the API server is needed: waits for an answer until the deadline of the
 * change, and undoes the change if none comes. A change of a former boot is undone: nothing of it is in the kernel.
 */
public final class InterruptedTrials {
    private static final Logger log = LoggerFactory.getLogger(InterruptedTrials.class);

    private final ChangeTrials trials;
    private final TunnelKernel kernel;
    private final Boot boot;

    public InterruptedTrials(ChangeTrials trials, TunnelKernel kernel) {
        this.trials = trials;
        this.kernel = kernel;
        this.boot = trials.boot();
    }

    /** Returns when all are ended, after half a minute or so if the API server does not answer. */
    public void end() {
        trials.interrupted().forEach(this::end);
    }

    private void end(StoredChange change) {
        boolean sameBoot = change.boot().equals(boot.id());
        Set<InetSocketAddress> reached =
                change.servers().stream().flatMap(text -> parse(text).stream()).collect(Collectors.toSet());
        if (sameBoot && answersInTime(change, reached)) {
            trials.confirmed(change);
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
        trials.rolledBack(change, why, Cause.RESTART);
        if (sameBoot) {
            undo(change);
        }
    }

    private boolean answersInTime(StoredChange change, Set<InetSocketAddress> reached) {
        while (boot.seconds() < change.deadline()) {
            if (trials.answers(reached, trials.oneTry())) {
                return true;
            }
        }
        return trials.answers(reached, trials.oneTry());
    }

    private void undo(StoredChange change) {
        try {
            Optional<DesiredTunnel> held = ChangeTrials.held(change);
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

    private static Optional<InetSocketAddress> parse(String text) {
        int colon = text.lastIndexOf(':');
        try {
            InetAddress address = InetAddress.ofLiteral(
                    text.substring(0, Math.max(0, colon)).replace("[", "").replace("]", ""));
            return Optional.of(new InetSocketAddress(address, Integer.parseInt(text.substring(colon + 1))));
        } catch (IllegalArgumentException damaged) {
            return Optional.empty();
        }
    }
}
