package dev.iptunnel.agent.program;

import dev.iptunnel.agent.spec.InvalidSpecException;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.DesiredTunnel;
import java.util.List;
import java.util.Optional;

/**
 * The result of programming one IpTunnel.
 *
 * @param state what was asked for and what the kernel holds afterwards; empty if the spec is invalid or the kernel
 *     could not be read
 * @param executed the plans that changed the kernel
 * @param notProgrammed why the kernel does not hold what was asked for
 * @param extent how much of it was done
 */
public record Outcome(Optional<State> state, List<Plan> executed, Optional<Refusal> notProgrammed, Extent extent) {
    public Outcome {
        executed = List.copyOf(executed);
    }

    public record State(DesiredTunnel desired, Observation observed) {}

    /** How much of what was asked for the kernel holds. */
    public enum Extent {
        WHOLE,
        /** All except single addresses and routes, which were refused. */
        ALL_BUT_PARTS,
        LESS,
        /** The object asks for something else now, so the rest was not done. */
        SUPERSEDED
    }

    /** The outcome for an invalid spec: the kernel was not read. */
    public static Outcome invalid(InvalidSpecException spec) {
        return new Outcome(
                Optional.empty(), List.of(), Optional.of(new Refusal(Reason.INVALID_SPEC, spec.detail())), Extent.LESS);
    }

    /** The same outcome with this refusal. */
    public Outcome but(Refusal refusal) {
        return new Outcome(state, executed, Optional.of(refusal), extent);
    }

    /** Whether the kernel holds what was asked for, except what was refused. */
    public boolean settled() {
        return extent == Extent.WHOLE || extent == Extent.ALL_BUT_PARTS;
    }

    public boolean programmed() {
        return notProgrammed.isEmpty();
    }
}
