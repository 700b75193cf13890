package dev.iptunnel.agent.program;

import dev.iptunnel.agent.program.Outcome.Extent;
import dev.iptunnel.kernel.KernelException;
import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.DesiredTunnel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the kernel to one desired tunnel: observe, plan, execute, and look again. Used once, by one thread. */
final class Convergence {
    private static final Logger log = LoggerFactory.getLogger(Convergence.class);
    /** A lost mark is put back first; taking an interface down drops its IPv6 addresses, so a plan may need a second one. */
    private static final int MAX_PLANS = 4;

    private final TunnelKernel kernel;
    private final LastVrfs lastVrfs;
    private final LookListener looks;
    private final DesiredTunnel desired;
    private final OptionalInt ifindex;
    private final Demands demands;
    private final ProgramListener listener;
    private final Trial trial;
    private final List<Plan> executed = new ArrayList<>();
    private Function<DesiredTunnel, Observation> reading;
    private boolean listsAll;

    /**
     * @param ifindex of the tunnel when it last carried the mark of the object
     * @param trial is told of each plan before it is executed
     */
    Convergence(
            TunnelKernel kernel,
            LastVrfs lastVrfs,
            LookListener looks,
            DesiredTunnel desired,
            OptionalInt ifindex,
            Demands demands,
            ProgramListener listener,
            Trial trial) {
        this.kernel = kernel;
        this.lastVrfs = lastVrfs;
        this.looks = looks;
        this.desired = desired;
        this.ifindex = ifindex;
        this.demands = demands;
        this.listener = listener;
        this.trial = trial;
        this.reading = tunnel -> kernel.reread(tunnel, ifindex);
    }

    Outcome run() {
        try {
            Look look = look();
            while (look.next().isPresent() && executed.size() < MAX_PLANS) {
                if (!demands.isCurrent()) {
                    return look.superseded(executed);
                }
                Plan plan = look.next().get();
                if (plan.interruptsTraffic()) {
                    listener.interrupts(plan);
                }
                trial.before(look.desired(), look.observed(), plan);
                Optional<Outcome> failure = execute(plan);
                if (failure.isPresent()) {
                    return failure.get();
                }
                // The next look shows what was told until now; whatever comes after it has to be told.
                kernel.catchUp();
                kernel.follow(desired);
                look = look();
            }
            return look.outcome(executed);
        } catch (KernelException e) {
            return failed(e.refusals(), Extent.LESS);
        }
    }

    /** @return empty where another look is worthwhile */
    private Optional<Outcome> execute(Plan plan) {
        try {
            kernel.execute(plan);
            add(plan);
            return Optional.empty();
        } catch (KernelException e) {
            add(plan.of(e.executed()));
            if (mayHaveMissedTheHolder(e)) {
                listsAll = true;
                reading = kernel::observe;
                return Optional.empty();
            }
            List<Refusal> refusals = Stream.concat(e.refusals().stream(), plan.refused().stream())
                    .toList();
            return Optional.of(failed(refusals, e.isOfParts() ? Extent.ALL_BUT_PARTS : Extent.LESS));
        }
    }

    /** The kernel may know a holder of the endpoints that it has not told of yet. */
    private boolean mayHaveMissedTheHolder(KernelException e) {
        return !listsAll && e.reason() == Reason.ENDPOINT_CONFLICT;
    }

    /** Says what was done, also where not all of it was. */
    private void add(Plan plan) {
        if (!plan.isEmpty()) {
            executed.add(plan);
            log.atInfo()
                    .addKeyValue("tunnel", desired.mark().name())
                    .addKeyValue("interface", desired.interfaceName())
                    .log("{}", plan.toString().strip().replace("\n", "; "));
        }
    }

    private Look look() {
        listener.reads();
        long begin = System.nanoTime();
        Look look = read();
        looks.looked(false, Duration.ofNanos(System.nanoTime() - begin));
        return look;
    }

    private Look read() {
        Observation observed = reading.apply(desired);
        return lastVrfs.seen(observed, desired)
                .map(desired::in)
                .map(again -> look(again, reading.apply(again)))
                .filter(look -> look.observed()
                        .vrf()
                        .filter(vrf -> vrf.vrfTable().isPresent())
                        .isPresent())
                .orElseGet(() -> look(desired, observed));
    }

    private Look look(DesiredTunnel tunnel, Observation observed) {
        return Look.at(tunnel, observed, ifindex, demands.claims());
    }

    private Outcome failed(List<Refusal> refusals, Extent extent) {
        return new Outcome(state(), executed, Optional.of(Refusal.ofAll(refusals)), extent);
    }

    private Optional<Outcome.State> state() {
        try {
            return Optional.of(new Outcome.State(desired, reading.apply(desired)));
        } catch (KernelException unreadable) {
            log.atDebug().setCause(unreadable).log("not observed after a failure");
            return Optional.empty();
        }
    }
}
