package dev.iptunnel.agent.reconcile;

import dev.iptunnel.agent.cluster.NodeTunnels;
import dev.iptunnel.agent.confirm.ChangeTrials;
import dev.iptunnel.agent.orphan.Departures;
import dev.iptunnel.agent.program.Demands;
import dev.iptunnel.agent.program.Outcome;
import dev.iptunnel.agent.program.ProgramListener;
import dev.iptunnel.agent.program.Trial;
import dev.iptunnel.agent.program.TunnelProgrammer;
import dev.iptunnel.agent.spec.DesiredTunnels;
import dev.iptunnel.agent.spec.InvalidSpecException;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.planner.Claims;
import dev.iptunnel.tunnel.DesiredTunnel;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Programs the tunnel that an object asks for now; other objects may change meanwhile. */
final class ObjectProgrammer {
    private final TunnelProgrammer programmer;
    private final DesiredTunnels desiredTunnels;
    private final NodeTunnels tunnels;
    private final Departures departures;
    private final ChangeTrials trials;
    private final Rivals rivals;
    private final Announcements announcements;

    ObjectProgrammer(
            TunnelProgrammer programmer,
            DesiredTunnels desiredTunnels,
            NodeTunnels tunnels,
            Departures departures,
            ChangeTrials trials,
            Rivals rivals,
            Announcements announcements) {
        this.programmer = programmer;
        this.desiredTunnels = desiredTunnels;
        this.tunnels = tunnels;
        this.departures = departures;
        this.trials = trials;
        this.rivals = rivals;
        this.announcements = announcements;
    }

    /**
     * Programs the tunnel, and then reconciles the objects whose tunnels it displaced.
     *
     * @param ifindex of the interface that last carried the object's mark
     * @param silent whether the peer does not answer
     * @param beforeReading is run before each look that reads the kernel
     */
    Outcome program(IpTunnel tunnel, OptionalInt ifindex, boolean silent, Runnable beforeReading) {
        Set<String> displaced = new HashSet<>();
        try {
            ProgramListener listener = new ProgramListener() {
                @Override
                public void interrupts(Plan plan) {
                    announcements.interrupts(tunnel, plan);
                    plan.displaced()
                            .forEach(other -> displaced.add(other.owner().name()));
                }

                @Override
                public void reads() {
                    beforeReading.run();
                }
            };
            DesiredTunnel asked = desiredTunnels.of(tunnel);
            DesiredTunnel desired = silent ? asked.withdrawn() : asked;
            long generation = tunnel.getMetadata().getGeneration();
            Optional<Trial.Undo> undone = trials.undone(asked, generation);
            Outcome outcome = undone.isPresent()
                    ? keep(undone.get(), desired, ifindex, demandsOf(tunnel), listener)
                    : programmer.program(desired, ifindex, demandsOf(tunnel), listener, trials.of(generation));
            return departures.awaited(outcome);
        } catch (InvalidSpecException e) {
            return Outcome.invalid(e);
        } finally {
            rivals.displaced(displaced);
        }
    }

    /** Keeps what there was before a change that was undone. */
    private Outcome keep(
            Trial.Undo undone, DesiredTunnel desired, OptionalInt ifindex, Demands demands, ProgramListener listener) {
        Outcome kept = undone.held()
                .map(held -> held.probedAs(desired))
                .map(held -> desired.missingRoutes().isEmpty() ? held : held.withdrawn())
                .map(held -> programmer.program(held, ifindex, demands, listener))
                .orElseGet(() -> programmer.withhold(desired));
        return kept.but(kept.notProgrammed()
                .map(refusal -> undone.refusal().with(refusal.message()))
                .orElse(undone.refusal()));
    }

    private Demands demandsOf(IpTunnel tunnel) {
        return new Demands() {
            @Override
            public Claims claims() {
                return rivals.claims();
            }

            @Override
            public boolean isCurrent() {
                return tunnels.isCurrent(tunnel);
            }
        };
    }
}
