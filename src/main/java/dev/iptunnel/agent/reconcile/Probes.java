package dev.iptunnel.agent.reconcile;

import dev.iptunnel.agent.probe.Prober;
import dev.iptunnel.agent.program.Outcome;
import dev.iptunnel.agent.program.Outcome.State;
import dev.iptunnel.api.v1alpha1.ConditionType;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.ProbeSpec;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.probe.ProbeSubject;
import dev.iptunnel.probe.Reachability;
import dev.iptunnel.probe.ReachabilityReason;
import dev.iptunnel.tunnel.DesiredTunnel;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Has those tunnels probed whose objects ask for it, and says what is known of them. */
final class Probes {
    private final Prober prober;

    Probes(Prober prober) {
        this.prober = prober;
    }

    /**
     * Whether the peer answers; empty if the object does not ask for a probe.
     *
     * @param previous the conditions so far: what they say holds until the first probes of a new agent
     */
    Optional<Reachability> reachability(IpTunnel tunnel, Outcome outcome, List<Condition> previous) {
        String name = tunnel.getMetadata().getName();
        Optional<ProbeSubject> subject =
                outcome.state().filter(_ -> outcome.settled()).flatMap(Probes::subject);
        if (subject.isPresent()) {
            return Optional.of(prober.probe(name, subject.get(), known(tunnel, previous)));
        }
        prober.forget(name);
        return isAsked(tunnel, outcome) ? Optional.of(whyNot(outcome)) : Optional.empty();
    }

    /**
     * Whether it is known that the peer does not answer.
     *
     * @param previous as above
     */
    boolean isSilent(IpTunnel tunnel, List<Condition> previous) {
        return prober.reachability(tunnel.getMetadata().getName())
                .or(() -> known(tunnel, previous))
                .filter(Reachability::isSilence)
                .isPresent();
    }

    void forget(String name) {
        prober.forget(name);
    }

    private static boolean isAsked(IpTunnel tunnel, Outcome outcome) {
        ProbeSpec spec = tunnel.getSpec().probe();
        return outcome.state()
                .map(state -> state.desired().probe().isPresent())
                .orElseGet(() -> spec != null && !"None".equals(spec.type()));
    }

    private static Reachability whyNot(Outcome outcome) {
        if (outcome.settled()
                && outcome.state()
                        .filter(state -> state.desired().up() && link(state).isPresent())
                        .isPresent()) {
            return Reachability.NO_TARGET;
        }
        return Reachability.notProgrammed(outcome.notProgrammed()
                .map(Refusal::reason)
                .map(reason -> "see the condition Programmed (" + reason + ")")
                .orElse("the interface is down"));
    }

    private static Optional<ProbeSubject> subject(State state) {
        DesiredTunnel desired = state.desired();
        return link(state)
                .filter(link -> desired.up() && link.up())
                .flatMap(link -> ProbeSubject.of(desired, link.index(), link.mtu()));
    }

    private static Optional<ObservedLink> link(State state) {
        Observation observed = state.observed();
        return observed.named().filter(named -> named.hasMarkOf(state.desired()));
    }

    /** What the agent wrote of this generation. */
    private static Optional<Reachability> known(IpTunnel tunnel, List<Condition> previous) {
        return previous.stream()
                .filter(condition -> ConditionType.REACHABLE.equals(condition.getType())
                        && Objects.equals(
                                condition.getObservedGeneration(),
                                tunnel.getMetadata().getGeneration()))
                .findFirst()
                .flatMap(condition -> ReachabilityReason.ofText(condition.getReason())
                        .map(reason -> new Reachability(reason, condition.getMessage())));
    }
}
