package dev.iptunnel.agent.program;

import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.Observation.Device;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Operation.AddAddress;
import dev.iptunnel.plan.Operation.AddRoute;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.TunnelParameters;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Distinguishes a repair, of a change by somebody else, from a change that the object asks for or that follows the
 * tunnel's surroundings.
 *
 * @param settled the circumstances in which the kernel last held what was asked for, except what was refused
 * @param leftOut what was refused then
 * @param ifindex the index of the interface that last carried the mark
 */
public record Drift(Optional<Settled> settled, Optional<Refusal> leftOut, OptionalInt ifindex, Contention contention) {
    public static final Drift NONE =
            new Drift(Optional.empty(), Optional.empty(), OptionalInt.empty(), Contention.NONE);

    /**
     * What determines the state that the kernel should hold.
     *
     * @param generation the object's generation
     * @param wanted the parameters for the driver
     * @param route the device of the route of the outer packets, with its MTU
     * @param parent the parent, with its MTU
     * @param withdrawn the routes that are missing because packets cannot pass
     */
    record Settled(
            long generation,
            Optional<TunnelParameters> wanted,
            Optional<Device> route,
            Optional<Device> parent,
            List<InnerRoute> withdrawn) {
        static Optional<Settled> of(long generation, Outcome outcome) {
            return outcome.state().map(state -> {
                Observation observed = state.observed();
                return new Settled(
                        generation,
                        observed.wanted(state.desired()),
                        observed.path().device(),
                        observed.parent().map(Settled::device),
                        state.desired().missingRoutes());
            });
        }

        private static Device device(ObservedLink link) {
            return new Device(link.index(), link.name(), link.mtu());
        }
    }

    /** Whether plans were executed for no other reason than a change by somebody else. */
    public boolean isRepair(long generation, Outcome outcome) {
        return !outcome.executed().isEmpty()
                && outcome.executed().stream().noneMatch(Plan::givesWay)
                && settled.isPresent()
                && settled.equals(Settled.of(generation, outcome))
                && (leftOut.isEmpty() || leftOut.equals(outcome.notProgrammed()) || !onlyAdds(outcome));
    }

    /** Whether the plans only add addresses and routes, as when a part that was refused before is possible now. */
    private static boolean onlyAdds(Outcome outcome) {
        return outcome.executed().stream()
                .flatMap(plan -> plan.operations().stream())
                .allMatch(operation -> operation instanceof AddAddress || operation instanceof AddRoute);
    }

    public Drift after(long generation, Outcome outcome, Instant now) {
        Contention before = isSettled(generation) ? contention.asOf(now) : Contention.NONE;
        return new Drift(
                outcome.settled() ? Settled.of(generation, outcome) : settled,
                outcome.settled() ? outcome.notProgrammed() : leftOut,
                ifindexAfter(outcome),
                isRepair(generation, outcome)
                        ? before.repaired(
                                now, outcome.executed().getLast().toString().strip())
                        : before);
    }

    private OptionalInt ifindexAfter(Outcome outcome) {
        if (outcome.state().isEmpty()) {
            return ifindex;
        }
        Outcome.State state = outcome.state().get();
        if (state.observed().named().isEmpty()) {
            return OptionalInt.empty();
        }
        ObservedLink named = state.observed().named().get();
        boolean ours = named.hasMarkOf(state.desired());
        return ours ? OptionalInt.of(named.index()) : ifindex;
    }

    /** Whether the kernel held what that generation of the object asks for, except what was refused. */
    public boolean isSettled(long generation) {
        return settled.filter(last -> last.generation() == generation).isPresent();
    }

    /** Whether the next repair still has to wait because of a contention. */
    public boolean isHeld(long generation, Instant now) {
        return isSettled(generation) && contention.heldFor(now).isPositive();
    }
}
