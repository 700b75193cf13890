package dev.iptunnel.agent;

import dev.iptunnel.kernel.KernelException;
import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.tunnel.Claims;
import dev.iptunnel.tunnel.Decision;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.Observation;
import dev.iptunnel.tunnel.ObservedLink;
import dev.iptunnel.tunnel.Plan;
import dev.iptunnel.tunnel.Planner;
import dev.iptunnel.tunnel.Reason;
import dev.iptunnel.tunnel.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the kernel hold what an IpTunnel asks for: observe, plan, execute, and look again. What the kernel told is believed
 * where it says that nothing is to be done; before anything is, the kernel is asked.
 */
final class TunnelProgrammer {
    private static final Logger log = LoggerFactory.getLogger(TunnelProgrammer.class);
    /** A lost mark is put back first; taking an interface down drops its IPv6 addresses, so a plan may need a second one. */
    private static final int MAX_PLANS = 4;

    private final TunnelKernel kernel;
    /** Plans may be about several tunnels: one at a time, while removals, each of one, go side by side. */
    private final ReadWriteLock turns = new ReentrantReadWriteLock(true);

    TunnelProgrammer(TunnelKernel kernel) {
        this.kernel = kernel;
    }

    /**
     * @param ifindex of the tunnel when it last carried the mark of the object
     * @param claims what all tunnels of the node ask for
     * @param beforehand told of a plan that interrupts traffic, before it is executed
     */
    Outcome program(DesiredTunnel desired, OptionalInt ifindex, Claims claims, Consumer<Plan> beforehand) {
        Optional<Look> recalled = kernel.recall(desired)
                .map(observed -> look(desired, observed, ifindex, claims))
                .filter(Look::isInSync);
        if (recalled.isPresent()) {
            return recalled.get().outcome(List.of());
        }
        List<Plan> executed = new ArrayList<>();
        try {
            Look look = look(desired, ifindex, claims);
            return look.isFinal() ? look.outcome(executed) : converge(desired, ifindex, claims, beforehand, executed);
        } catch (KernelException e) {
            return new Outcome(observe(desired), executed, Optional.of(Refusal.ofAll(e.refusals())));
        }
    }

    private Outcome converge(
            DesiredTunnel desired, OptionalInt ifindex, Claims claims, Consumer<Plan> beforehand, List<Plan> executed) {
        turns.writeLock().lock();
        try {
            Look look = look(desired, ifindex, claims);
            while (!look.isFinal() && executed.size() < MAX_PLANS) {
                Plan plan = look.plan();
                if (plan.interruptsTraffic()) {
                    beforehand.accept(plan);
                }
                kernel.execute(plan);
                executed.add(plan);
                log.atInfo()
                        .addKeyValue("tunnel", desired.mark().name())
                        .addKeyValue("interface", desired.interfaceName())
                        .log("{}", plan.toString().strip());
                look = look(desired, ifindex, claims);
            }
            return look.outcome(executed);
        } finally {
            turns.writeLock().unlock();
        }
    }

    /** Removes the tunnel of an object that is gone, or takes our mark off where it is to be retained. */
    void remove(ObservedLink link) {
        turns.readLock().lock();
        try {
            kernel.execute(Planner.remove(link));
        } finally {
            turns.readLock().unlock();
        }
    }

    /**
     * Removes what an agent of this manager, killed between making and marking a tunnel, left, and no object took over:
     * its object was deleted, or asks for another interface now.
     */
    void removeHalfBorn(String manager) {
        turns.writeLock().lock();
        try {
            for (ObservedLink link : kernel.halfBorn(manager)) {
                kernel.execute(Planner.remove(link));
                log.atInfo()
                        .addKeyValue("interface", link.name())
                        .addKeyValue("ifindex", link.index())
                        .log("half-born tunnel removed: an agent of this cluster made it and did not come to mark it");
            }
        } finally {
            turns.writeLock().unlock();
        }
    }

    private Look look(DesiredTunnel desired, OptionalInt ifindex, Claims claims) {
        return look(desired, kernel.observe(desired), ifindex, claims);
    }

    private static Look look(DesiredTunnel desired, Observation observed, OptionalInt ifindex, Claims claims) {
        Decision decision = Planner.remark(desired, observed, ifindex)
                .<Decision>map(plan -> plan)
                .orElseGet(() -> Planner.plan(desired, observed, claims));
        return new Look(desired, observed, decision);
    }

    /** What the kernel holds, and what is to be done about it. */
    private record Look(DesiredTunnel desired, Observation observed, Decision decision) {
        boolean isInSync() {
            return decision instanceof Plan plan
                    && plan.isEmpty()
                    && plan.refused().isEmpty();
        }

        boolean isFinal() {
            return desired.paused() || !(decision instanceof Plan plan) || plan.isEmpty();
        }

        Plan plan() {
            return (Plan) decision;
        }

        Outcome outcome(List<Plan> executed) {
            return new Outcome(Optional.of(new Outcome.State(desired, observed)), executed, notProgrammed());
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
                            "the kernel took the changes and still differs; left to do: "
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
