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
 */
record Outcome(Optional<State> state, List<Plan> executed, Optional<Refusal> notProgrammed) {
    Outcome {
        executed = List.copyOf(executed);
    }

    record State(DesiredTunnel desired, Observation observed) {}

    /** Nothing was looked at, for it is not known what is asked for. */
    static Outcome invalid(InvalidSpecException spec) {
        return new Outcome(Optional.empty(), List.of(), Optional.of(new Refusal(Reason.INVALID_SPEC, spec.detail())));
    }

    /** The same, not to be relied on for that reason. */
    Outcome but(Refusal refusal) {
        return new Outcome(state, executed, Optional.of(refusal));
    }

    boolean programmed() {
        return notProgrammed.isEmpty();
    }
}
