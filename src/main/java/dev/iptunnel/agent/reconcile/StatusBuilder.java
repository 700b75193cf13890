package dev.iptunnel.agent.reconcile;

import dev.iptunnel.agent.program.Outcome;
import dev.iptunnel.agent.program.Outcome.State;
import dev.iptunnel.api.v1alpha1.ConditionType;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.api.v1alpha1.ParentStatus;
import dev.iptunnel.api.v1alpha1.StatusMessage;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.probe.Reachability;
import dev.iptunnel.readiness.LeftAlone;
import dev.iptunnel.readiness.Readiness;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelParameters;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Turns an outcome into an IpTunnel's status. The same outcome always gives the same status. */
public final class StatusBuilder {
    private final Clock clock;

    public StatusBuilder(Clock clock) {
        this.clock = clock;
    }

    /**
     * @param reachability empty if the tunnel is not probed
     * @param previous the conditions so far: a condition keeps its transition time until its status changes
     */
    IpTunnelStatus build(
            long generation, Outcome outcome, Optional<Reachability> reachability, List<Condition> previous) {
        List<Condition> conditions = Stream.concat(
                        conditions(outcome).stream(), reachability.map(StatusBuilder::reachable).stream())
                .map(condition ->
                        dated(condition.withObservedGeneration(generation).build(), previous))
                .toList();
        Optional<Observation> observed = outcome.state().map(State::observed);
        Optional<DesiredTunnel> desired = outcome.state().map(State::desired);
        // An interface without our mark is not the tunnel's; only the refusal names it.
        Optional<ObservedLink> link =
                observed.flatMap(Observation::named).filter(named -> isOf(named, desired.orElseThrow()));
        return new IpTunnelStatus(
                generation,
                orNull(desired.map(DesiredTunnel::interfaceName)),
                orNull(link.map(ObservedLink::index)),
                orNull(link.map(ObservedLink::mtu)),
                orNull(observed.flatMap(StatusBuilder::parent)),
                orNull(outcome.state()
                        .flatMap(state -> state.observed().wanted(state.desired()))
                        .map(TunnelParameters::local)
                        .map(IpFamily::formatEndpoint)),
                orNull(desired.map(DesiredTunnel::remote).map(IpFamily::formatEndpoint)),
                orNull(link.map(ObservedLink::operState)),
                conditions);
    }

    private static boolean isOf(ObservedLink link, DesiredTunnel desired) {
        return link.mark()
                .filter(mark -> mark.uid().equals(desired.mark().uid()))
                .isPresent();
    }

    private static List<ConditionBuilder> conditions(Outcome outcome) {
        List<ConditionBuilder> conditions = new ArrayList<>();
        conditions.add(outcome.notProgrammed()
                .map(refusal -> unmet(ConditionType.PROGRAMMED, refusal))
                .orElseGet(() -> met(
                        ConditionType.PROGRAMMED,
                        "InSync",
                        inSync(outcome.state().orElseThrow()))));
        Optional<Refusal> obstacle = outcome.notProgrammed().or(() -> obstacle(outcome));
        conditions.add(obstacle.map(refusal -> unmet(ConditionType.READY, refusal))
                .orElseGet(() -> ready(outcome.state().orElseThrow())));
        obstacle.filter(Refusal::stalls)
                .map(refusal -> met(ConditionType.STALLED, refusal.reason().toString(), refusal.message()))
                .ifPresent(conditions::add);
        outcome.state()
                .filter(state -> state.desired().paused())
                .map(_ -> met(ConditionType.PAUSED, "Paused", "the agent changes nothing, as spec.paused asks"))
                .ifPresent(conditions::add);
        return conditions;
    }

    private static Optional<Refusal> obstacle(Outcome outcome) {
        State state = outcome.state().orElseThrow();
        return Readiness.obstacle(state.desired(), state.observed());
    }

    private static String inSync(State state) {
        String message = "the kernel holds what the spec asks for"
                + withdrawn(state.desired())
                + Readiness.alternativeNames(state.desired(), state.observed())
                        .map(names -> "; " + names)
                        .orElse("");
        return LeftAlone.report(state.desired(), state.observed())
                .map(others -> message + "; left alone, because others made them: " + others)
                .orElse(message);
    }

    private static String withdrawn(DesiredTunnel desired) {
        List<InnerRoute> missing = desired.missingRoutes();
        return missing.isEmpty()
                ? ""
                : "; withdrawn while packets cannot pass: "
                        + missing.stream().map(InnerRoute::toString).collect(Collectors.joining(", "));
    }

    private static ConditionBuilder ready(State state) {
        if (!state.desired().up()) {
            return met(ConditionType.READY, "AdministrativelyDown", "the interface is down, as spec.adminState asks");
        }
        String message = "the node does its part; whether the peer answers "
                + (state.desired().probe().isPresent() ? "is said by Reachable" : "is not known");
        return met(
                ConditionType.READY,
                "TunnelUp",
                Readiness.remark(state.desired(), state.observed())
                        .map(remark -> message + "; " + remark)
                        .orElse(message));
    }

    private static ConditionBuilder reachable(Reachability reachability) {
        return met(ConditionType.REACHABLE, reachability.reason().toString(), reachability.message())
                .withStatus(
                        switch (reachability.answer()) {
                            case YES -> "True";
                            case NO -> "False";
                            case UNKNOWN -> "Unknown";
                        });
    }

    private static ConditionBuilder met(String type, String reason, String message) {
        return new ConditionBuilder()
                .withType(type)
                .withStatus("True")
                .withReason(reason)
                .withMessage(StatusMessage.bounded(message));
    }

    private static ConditionBuilder unmet(String type, Refusal refusal) {
        return met(type, refusal.reason().toString(), refusal.message()).withStatus("False");
    }

    private Condition dated(Condition condition, List<Condition> previous) {
        String since = previous.stream()
                .filter(old -> condition.getType().equals(old.getType())
                        && condition.getStatus().equals(old.getStatus()))
                .map(Condition::getLastTransitionTime)
                .findFirst()
                .orElseGet(() -> clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        condition.setLastTransitionTime(since);
        return condition;
    }

    private static Optional<ParentStatus> parent(Observation observed) {
        return observed.parent()
                .map(parent -> new ParentStatus(parent.name(), parent.index(), parent.mtu()))
                .or(() -> observed.path()
                        .device()
                        .map(device -> new ParentStatus(device.name(), device.index(), device.mtu())));
    }

    private static <T> @Nullable T orNull(Optional<T> value) {
        return value.isPresent() ? value.get() : null;
    }
}
