package dev.iptunnel.agent.reconcile;

import dev.iptunnel.agent.event.EventRecorder;
import dev.iptunnel.agent.health.AgentMetrics;
import dev.iptunnel.agent.program.Drift;
import dev.iptunnel.agent.program.Outcome;
import dev.iptunnel.api.v1alpha1.ConditionType;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.planner.Withdrawal;
import dev.iptunnel.readiness.Readiness;
import dev.iptunnel.tunnel.DesiredTunnel;
import java.util.Optional;

/** Reports in Events and metrics what was done to a tunnel, and, once, what was refused. */
final class Announcements {
    private final EventRecorder events;
    private final AgentMetrics metrics;

    Announcements(EventRecorder events, AgentMetrics metrics) {
        this.events = events;
        this.metrics = metrics;
    }

    /** Reports that a plan, which is executed next, takes a tunnel down or away. */
    void interrupts(IpTunnel tunnel, Plan plan) {
        events.interrupts(tunnel, plan);
    }

    /**
     * Reports the executed plans, also if they did not achieve everything.
     *
     * @param before what was remembered of the tunnel
     */
    void done(IpTunnel tunnel, Outcome outcome, Drift before, boolean repaired) {
        if (repaired) {
            metrics.repaired(outcome.executed());
            outcome.executed().forEach(plan -> events.repaired(tunnel, plan));
        } else {
            boolean sameSpec = before.isSettled(tunnel.getMetadata().getGeneration());
            outcome.executed().forEach(plan -> executed(tunnel, outcome, plan, sameSpec));
        }
    }

    private void executed(IpTunnel tunnel, Outcome outcome, Plan plan, boolean sameSpec) {
        Optional<DesiredTunnel> desired =
                outcome.state().map(Outcome.State::desired).filter(_ -> sameSpec);
        if (desired.filter(now -> Withdrawal.withdraws(plan, now)).isPresent()) {
            events.withdrawn(tunnel, plan);
        } else if (desired.filter(now -> Withdrawal.restores(plan, now)).isPresent()) {
            events.restored(tunnel, plan);
        } else {
            events.executed(tunnel, plan);
        }
    }

    /** Reports a refusal, unless the status before already contains it. */
    void refused(IpTunnel tunnel, Outcome outcome, IpTunnelStatus before) {
        outcome.notProgrammed()
                .or(() -> stalling(outcome))
                .filter(refusal -> !isReported(refusal, before))
                .ifPresent(refusal -> events.refused(tunnel, refusal));
    }

    /** The reason why a programmed tunnel is not ready until somebody acts. */
    private static Optional<Refusal> stalling(Outcome outcome) {
        return outcome.state()
                .flatMap(state -> Readiness.obstacle(state.desired(), state.observed()))
                .filter(refusal -> refusal.reason().stalls());
    }

    private static boolean isReported(Refusal refusal, IpTunnelStatus before) {
        return before.conditions().stream()
                .filter(condition -> ConditionType.READY.equals(condition.getType()))
                .findFirst()
                .filter(ready -> refusal.reason().toString().equals(ready.getReason())
                        && refusal.message().equals(ready.getMessage()))
                .isPresent();
    }
}
