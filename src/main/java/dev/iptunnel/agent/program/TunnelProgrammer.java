package dev.iptunnel.agent.program;

import dev.iptunnel.agent.program.Outcome.Extent;
import dev.iptunnel.kernel.KernelException;
import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Decision;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.planner.Planner;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.DesiredTunnel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the kernel hold what an IpTunnel asks for: observe, plan, execute, and observe again. If the cache says that
 * nothing is to be done, that is enough; before a change the kernel itself is read.
 */
public final class TunnelProgrammer {
    private static final Logger log = LoggerFactory.getLogger(TunnelProgrammer.class);
    /**
     * A plan may need a second one: a lost mark is restored first, and an interface that is set down loses its IPv6
     * addresses.
     */
    private static final int MAX_PLANS = 4;

    private final TunnelKernel kernel;
    /**
     * A plan may concern several tunnels, so plans are executed one at a time. A removal concerns one, so removals run
     * in parallel.
     */
    private final ReadWriteLock turns = new ReentrantReadWriteLock(true);

    private final LastVrfs lastVrfs = new LastVrfs();

    public TunnelProgrammer(TunnelKernel kernel) {
        this.kernel = kernel;
    }

    /**
     * Makes the kernel hold what is desired, except what is refused.
     *
     * @param ifindex the index of the interface that last carried the object's mark
     * @param demands what all objects of the node ask for
     * @param beforehand receives each plan that interrupts traffic, before it is executed
     */
    public Outcome program(DesiredTunnel desired, OptionalInt ifindex, Demands demands, Consumer<Plan> beforehand) {
        Optional<Look> recalled = kernel.recall(desired)
                .map(observed -> look(desired, observed, ifindex, demands))
                .filter(Look::isInSync);
        if (recalled.isPresent()) {
            lastVrfs.seen(recalled.get().observed(), desired);
            return recalled.get().outcome(List.of());
        }
        List<Plan> executed = new ArrayList<>();
        try {
            Look look = look(desired, ifindex, demands);
            return look.next().isEmpty()
                    ? look.outcome(executed)
                    : converge(desired, ifindex, demands, beforehand, executed);
        } catch (KernelException e) {
            return failed(desired, executed, e.refusals(), Extent.LESS);
        }
    }

    /** Reads the demands inside the lock: they may have changed while this waited for its turn. */
    private Outcome converge(
            DesiredTunnel desired,
            OptionalInt ifindex,
            Demands demands,
            Consumer<Plan> beforehand,
            List<Plan> executed) {
        turns.writeLock().lock();
        try {
            Look look = look(desired, ifindex, demands);
            while (look.next().isPresent() && executed.size() < MAX_PLANS) {
                if (!demands.isCurrent()) {
                    return look.superseded(executed);
                }
                Plan plan = look.next().get();
                if (plan.interruptsTraffic()) {
                    beforehand.accept(plan);
                }
                try {
                    kernel.execute(plan);
                    add(executed, desired, plan);
                } catch (KernelException e) {
                    add(executed, desired, plan.of(e.executed()));
                    return failed(
                            desired,
                            executed,
                            Stream.concat(e.refusals().stream(), plan.refused().stream())
                                    .toList(),
                            e.isOfParts() ? Extent.ALL_BUT_PARTS : Extent.LESS);
                }
                look = look(desired, ifindex, demands);
            }
            return look.outcome(executed);
        } finally {
            turns.writeLock().unlock();
        }
    }

    /** Logs what was done of the plan, and adds it to the list. */
    private static void add(List<Plan> executed, DesiredTunnel desired, Plan plan) {
        if (!plan.isEmpty()) {
            executed.add(plan);
            log.atInfo()
                    .addKeyValue("tunnel", desired.mark().name())
                    .addKeyValue("interface", desired.interfaceName())
                    .log("{}", plan.toString().strip());
        }
    }

    private Outcome failed(DesiredTunnel desired, List<Plan> executed, List<Refusal> refusals, Extent extent) {
        return new Outcome(observe(desired), executed, Optional.of(Refusal.ofAll(refusals)), extent);
    }

    /**
     * Removes the tunnel of an object that is gone, or only our mark if the tunnel is retained.
     *
     * @param isOrphan called when it is this removal's turn: whether no object has the tunnel
     * @return whether it was done; false if an object has the tunnel, or the interface is another one now
     */
    public boolean remove(ObservedLink link, DeletionPolicy policy, BooleanSupplier isOrphan) {
        turns.readLock().lock();
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
        turns.writeLock().lock();
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

    private Look look(DesiredTunnel desired, OptionalInt ifindex, Demands demands) {
        Observation observed = kernel.observe(desired);
        return lastVrfs.seen(observed, desired)
                .map(desired::in)
                .map(again -> look(again, kernel.observe(again), ifindex, demands))
                .filter(look -> look.observed()
                        .vrf()
                        .filter(vrf -> vrf.vrfTable().isPresent())
                        .isPresent())
                .orElseGet(() -> look(desired, observed, ifindex, demands));
    }

    private static Look look(DesiredTunnel desired, Observation observed, OptionalInt ifindex, Demands demands) {
        Decision decision = Planner.remark(desired, observed, ifindex)
                .<Decision>map(plan -> plan)
                .orElseGet(() -> Planner.plan(desired, observed, demands.claims()));
        return new Look(desired, observed, decision);
    }

    /** The state of the kernel, and the decision what to do. */
    private record Look(DesiredTunnel desired, Observation observed, Decision decision) {
        boolean isInSync() {
            return decision instanceof Plan plan
                    && plan.isEmpty()
                    && plan.refused().isEmpty();
        }

        /** The plan to execute now, if any. */
        Optional<Plan> next() {
            if (desired.paused()) {
                return Planner.noteOfPause(desired, observed);
            }
            return decision instanceof Plan plan && !plan.isEmpty() ? Optional.of(plan) : Optional.empty();
        }

        Outcome outcome(List<Plan> executed) {
            Optional<Refusal> refusal = notProgrammed();
            boolean allDone = decision instanceof Plan plan && plan.isEmpty();
            Extent extent = refusal.isEmpty() ? Extent.WHOLE : allDone ? Extent.ALL_BUT_PARTS : Extent.LESS;
            return new Outcome(state(), executed, refusal, extent);
        }

        Outcome superseded(List<Plan> executed) {
            return new Outcome(state(), executed, notProgrammed(), Extent.SUPERSEDED);
        }

        private Optional<Outcome.State> state() {
            return Optional.of(new Outcome.State(desired, observed));
        }

        private Optional<Refusal> notProgrammed() {
            return switch (decision) {
                case Refusal refusal -> Optional.of(refusal);
                case Plan plan
                when plan.isEmpty() ->
                    plan.refused().isEmpty() ? Optional.empty() : Optional.of(Refusal.ofAll(plan.refused()));
                case Plan plan
                when desired.paused() ->
                    Optional.of(new Refusal(
                            Reason.PAUSED,
                            "nothing is changed while spec.paused is true; left to do: "
                                    + plan.toString().strip()));
                case Plan plan ->
                    Optional.of(new Refusal(
                            Reason.KERNEL_ERROR,
                            "the kernel accepted the changes and still differs; left to do: "
                                    + plan.toString().strip()));
            };
        }
    }

    private Optional<Outcome.State> observe(DesiredTunnel desired) {
        try {
            return Optional.of(new Outcome.State(desired, kernel.observe(desired)));
        } catch (KernelException unreadable) {
            log.atDebug().setCause(unreadable).log("not observed after a failure");
            return Optional.empty();
        }
    }
}
