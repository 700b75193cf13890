package dev.iptunnel.agent;

import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.Observation;
import dev.iptunnel.tunnel.Plan;
import dev.iptunnel.tunnel.Reason;
import dev.iptunnel.tunnel.Refusal;
import java.util.List;
import java.util.Optional;

/**
 * What came of bringing the kernel to what one IpTunnel asks for.
 *
 * @param state what was asked for and what the kernel holds afterwards; empty where the spec could not be read or the
 *     kernel not be asked
 * @param executed the plans that changed the kernel
 * @param notProgrammed why the kernel does not hold what was asked for
 * @param extent how much of it was done
 */
record Outcome(Optional<State> state, List<Plan> executed, Optional<Refusal> notProgrammed, Extent extent) {
    Outcome {
        executed = List.copyOf(executed);
    }

    record State(DesiredTunnel desired, Observation observed) {}

    /** How much of what was asked for the kernel holds. */
    enum Extent {
        WHOLE,
        /** All but single addresses and routes, which were refused. */
        ALL_BUT_PARTS,
        LESS,
        /** The object asks for something else now: it was left at that. */
        SUPERSEDED
    }

    /** Nothing was looked at, for it is not known what is asked for. */
    static Outcome invalid(InvalidSpecException spec) {
        return new Outcome(
                Optional.empty(), List.of(), Optional.of(new Refusal(Reason.INVALID_SPEC, spec.detail())), Extent.LESS);
    }

    /** The same, not to be relied on for that reason. */
    Outcome but(Refusal refusal) {
        return new Outcome(state, executed, Optional.of(refusal), extent);
    }

    /** Whether the kernel holds what was asked for, as far as it is not refused. */
    boolean settled() {
        return extent == Extent.WHOLE || extent == Extent.ALL_BUT_PARTS;
    }

    boolean programmed() {
        return notProgrammed.isEmpty();
    }
}
