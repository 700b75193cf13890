package dev.iptunnel.agent.program;

import dev.iptunnel.agent.program.Outcome.Extent;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.plan.Decision;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.planner.Claims;
import dev.iptunnel.planner.Planner;
import dev.iptunnel.planner.Withdrawal;
import dev.iptunnel.readiness.Readiness;
import dev.iptunnel.tunnel.DesiredTunnel;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** What the kernel holds, and what is to be done about it. */
public record Look(DesiredTunnel desired, Observation observed, Decision decision) {
    /** What is to be done about an observation. */
    public static Look at(DesiredTunnel asked, Observation observed, OptionalInt ifindex, Claims claims) {
        DesiredTunnel desired = isCutOff(asked, observed) ? asked.withdrawn() : asked;
        Decision decision = Planner.remark(desired, observed, ifindex)
                .<Decision>map(plan -> plan)
                .orElseGet(() -> Planner.plan(desired, observed, claims));
        boolean unsent = decision instanceof Refusal refusal && Withdrawal.isDue(refusal.reason());
        return new Look(unsent ? desired.withdrawn() : desired, observed, decision);
    }

    private static boolean isCutOff(DesiredTunnel asked, Observation observed) {
        return !asked.withdrawable().isEmpty()
                && Readiness.obstacle(asked, observed)
                        .map(Refusal::reason)
                        .filter(Withdrawal::isDue)
                        .isPresent();
    }

    boolean isInSync() {
        return decision instanceof Plan plan && plan.isEmpty() && plan.refused().isEmpty();
    }

    /** What is to be executed now. */
    public Optional<Plan> next() {
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
                        "the kernel took the changes and still differs; left to do: "
                                + plan.toString().strip()));
        };
    }
}
