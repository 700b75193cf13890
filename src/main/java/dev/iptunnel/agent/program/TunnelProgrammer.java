package dev.iptunnel.agent.program;

import dev.iptunnel.kernel.Heartbeat;
import dev.iptunnel.kernel.KernelException;
import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.planner.Planner;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.DesiredTunnel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the kernel hold what an IpTunnel asks for: observe, plan, execute, and observe again. If the cache says that
 * nothing is to be done, that is enough; before a change the kernel itself is read.
 */
public final class TunnelProgrammer {
    private static final Logger log = LoggerFactory.getLogger(TunnelProgrammer.class);

    private final TunnelKernel kernel;
    private final LookListener looks;
    /**
     * A plan may concern several tunnels, so plans are executed one at a time. A removal concerns one, so removals run
     * in parallel.
     */
    private final ReadWriteLock turns = new ReentrantReadWriteLock(true);

    private final LastVrfs lastVrfs = new LastVrfs();

    public TunnelProgrammer(TunnelKernel kernel) {
        this(kernel, (_, _) -> {});
    }

    public TunnelProgrammer(TunnelKernel kernel, LookListener looks) {
        this.kernel = kernel;
        this.looks = looks;
    }

    /**
     * Makes the kernel hold what is desired, except what is refused.
     *
     * @param ifindex the index of the interface that last carried the object's mark
     * @param demands what all objects of the node ask for
     */
    public Outcome program(DesiredTunnel desired, OptionalInt ifindex, Demands demands, ProgramListener listener) {
        return program(desired, ifindex, demands, listener, Trial.NONE);
    }

    /**
     * The same, and undoes it if it cut the node off. No other tunnel is changed before that is clear.
     *
     * @param trial finds out whether the node was cut off
     */
    public Outcome program(
            DesiredTunnel desired, OptionalInt ifindex, Demands demands, ProgramListener listener, Trial trial) {
        Optional<Look> recalled = recall(desired, ifindex, demands).filter(Look::isInSync);
        if (recalled.isPresent()) {
            lastVrfs.seen(recalled.get().observed(), desired);
            return recalled.get().outcome(List.of());
        }
        Heartbeat.whileWaiting(turns.writeLock()::lock);
        try {
            Outcome outcome =
                    new Convergence(kernel, lastVrfs, looks, desired, ifindex, demands, listener, trial).run();
            boolean failed = outcome.extent() == Outcome.Extent.LESS;
            return trial.after(outcome.executed(), failed)
                    .map(undo -> undo(undo, desired, demands, listener, outcome))
                    .orElse(outcome);
        } finally {
            turns.writeLock().unlock();
        }
    }

    /** The traffic is interrupted already, so nothing is announced beforehand. */
    private Outcome undo(
            Trial.Undo undo, DesiredTunnel desired, Demands demands, ProgramListener listener, Outcome cut) {
        OptionalInt ifindex = cut.state().flatMap(state -> state.observed().named()).stream()
                .mapToInt(ObservedLink::index)
                .findFirst();
        ProgramListener quiet = new ProgramListener() {
            @Override
            public void interrupts(Plan plan) {}

            @Override
            public void reads() {
                listener.reads();
            }
        };
        Outcome undone = undo.held()
                .map(held -> new Convergence(
                                kernel, lastVrfs, looks, held, ifindex, demands.regardless(), quiet, Trial.NONE)
                        .run())
                .orElseGet(() -> absent(desired));
        List<Plan> executed = Stream.concat(cut.executed().stream(), undone.executed().stream())
                .toList();
        Refusal refusal = undone.notProgrammed()
                .map(left -> undo.refusal().with("not undone: " + left.message()))
                .orElse(undo.refusal());
        return new Outcome(undone.state(), executed, Optional.of(refusal), undone.extent());
    }

    /** Makes the kernel hold no tunnel with the mark of the object. */
    public Outcome withhold(DesiredTunnel desired) {
        Heartbeat.whileWaiting(turns.writeLock()::lock);
        try {
            return absent(desired);
        } finally {
            turns.writeLock().unlock();
        }
    }

    private Outcome absent(DesiredTunnel desired) {
        List<Plan> executed = new ArrayList<>();
        try {
            Observation observed = kernel.observe(desired);
            List<ObservedLink> ours = Stream.concat(observed.named().stream(), observed.strays().stream())
                    .filter(link -> link.hasMarkOf(desired))
                    .toList();
            for (ObservedLink link : ours) {
                Plan removal = Planner.remove(link, DeletionPolicy.DELETE);
                kernel.execute(removal);
                executed.add(removal);
            }
            Observation after = ours.isEmpty() ? observed : kernel.observe(desired);
            return new Outcome(
                    Optional.of(new Outcome.State(desired, after)), executed, Optional.empty(), Outcome.Extent.WHOLE);
        } catch (KernelException e) {
            return new Outcome(
                    Optional.empty(), executed, Optional.of(Refusal.ofAll(e.refusals())), Outcome.Extent.LESS);
        }
    }

    private Optional<Look> recall(DesiredTunnel desired, OptionalInt ifindex, Demands demands) {
        long begin = System.nanoTime();
        Optional<Look> recalled =
                kernel.recall(desired).map(observed -> Look.at(desired, observed, ifindex, demands.claims()));
        if (recalled.isPresent()) {
            looks.looked(true, Duration.ofNanos(System.nanoTime() - begin));
        }
        return recalled;
    }

    /**
     * Removes the tunnel of an object that is gone, or only our mark if the tunnel is retained.
     *
     * @param isOrphan called when it is this removal's turn: whether no object has the tunnel
     * @return whether it was done; false if an object has the tunnel, or the interface is another one now
     */
    public boolean remove(ObservedLink link, DeletionPolicy policy, BooleanSupplier isOrphan) {
        Heartbeat.whileWaiting(turns.readLock()::lock);
        try {
            if (!isOrphan.getAsBoolean() || (policy == DeletionPolicy.RETAIN && !isStill(link))) {
                return false;
            }
            kernel.execute(Planner.remove(link, policy));
            return true;
        } finally {
            turns.readLock().unlock();
        }
    }

    /**
     * Removes interfaces of an agent of this manager that was killed after it had created them and before it could mark
     * them, and that no object took over because it was deleted, or asks for another interface now.
     */
    public void removeHalfBorn(String manager) {
        Heartbeat.whileWaiting(turns.writeLock()::lock);
        try {
            for (ObservedLink link : kernel.halfBorn(manager)) {
                kernel.execute(Planner.remove(link));
                log.atInfo()
                        .addKeyValue("interface", link.name())
                        .addKeyValue("ifindex", link.index())
                        .log(
                                "half-born tunnel removed: an agent of this cluster created it and was stopped before it marked it");
            }
        } finally {
            turns.writeLock().unlock();
        }
    }

    /** Whether the interface still has the mark. A removal checks that by itself; the removal of a mark does not. */
    private boolean isStill(ObservedLink link) {
        return link.mark()
                .filter(mark -> kernel.markedBy(mark.manager(), mark.name()).stream()
                        .anyMatch(
                                now -> now.index() == link.index() && now.mark().equals(link.mark())))
                .isPresent();
    }
}
