package dev.iptunnel.agent;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.kernel.KernelException;
import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.tunnel.Decision;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.Observation;
import dev.iptunnel.tunnel.Plan;
import dev.iptunnel.tunnel.Planner;
import dev.iptunnel.tunnel.Reason;
import dev.iptunnel.tunnel.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the kernel hold what an IpTunnel asks for: observe, plan, execute, and look again. */
final class TunnelProgrammer {
    private static final Logger log = LoggerFactory.getLogger(TunnelProgrammer.class);
    /** Taking an interface down drops its IPv6 addresses, so a plan may need a second one; no plan needs a third. */
    private static final int MAX_PLANS = 3;

    private final TunnelKernel kernel;
    private final SpecReader reader;

    TunnelProgrammer(TunnelKernel kernel, SpecReader reader) {
        this.kernel = kernel;
        this.reader = reader;
    }

    Outcome program(IpTunnel tunnel) {
        DesiredTunnel desired;
        try {
            desired = reader.read(tunnel);
        } catch (InvalidSpecException e) {
            return new Outcome(Optional.empty(), List.of(), Optional.of(new Refusal(Reason.INVALID_SPEC, e.detail())));
        }
        List<Plan> executed = new ArrayList<>();
        try {
            return converge(desired, executed);
        } catch (KernelException e) {
            return new Outcome(observe(desired), executed, Optional.of(new Refusal(e.reason(), e.detail())));
        }
    }

    private Outcome converge(DesiredTunnel desired, List<Plan> executed) {
        while (true) {
            Observation observed = kernel.observe(desired);
            Optional<Outcome.State> state = Optional.of(new Outcome.State(desired, observed));
            Decision decision = Planner.plan(desired, observed);
            switch (decision) {
                case Refusal refusal -> {
                    return new Outcome(state, executed, Optional.of(refusal));
                }
                case Plan plan
                when plan.isEmpty() -> {
                    return new Outcome(state, executed, Optional.empty());
                }
                case Plan plan
                when executed.size() == MAX_PLANS -> {
                    return new Outcome(
                            state,
                            executed,
                            Optional.of(new Refusal(
                                    Reason.KERNEL_ERROR,
                                    "the kernel took the changes and still differs; left to do: "
                                            + plan.toString().strip())));
                }
                case Plan plan -> {
                    kernel.execute(plan);
                    executed.add(plan);
                    log.atInfo()
                            .addKeyValue("tunnel", desired.mark().name())
                            .addKeyValue("interface", desired.interfaceName())
                            .log("{}", plan.toString().strip());
                }
            }
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
