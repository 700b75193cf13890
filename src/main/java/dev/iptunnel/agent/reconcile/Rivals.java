package dev.iptunnel.agent.reconcile;

import dev.iptunnel.agent.program.Outcome;
import dev.iptunnel.agent.spec.DesiredTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.planner.Claims;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/** IpTunnels that want the same interface or endpoints: each gets its turn when another one lets go of something. */
final class Rivals {
    private final TunnelRegistry registry;
    private final DesiredTunnels desiredTunnels;
    private final Turns turns;

    Rivals(TunnelRegistry registry, DesiredTunnels desiredTunnels, Turns turns) {
        this.registry = registry;
        this.desiredTunnels = desiredTunnels;
        this.turns = turns;
    }

    /** What all objects ask for now. */
    Claims claims() {
        return desiredTunnels.claims();
    }

    /** Their tunnels made way. */
    void displaced(Collection<String> names) {
        turns.again(names);
    }

    /** The object is gone, and all that it held is free. */
    void released(String name) {
        turns.again(registry.refusedFor(name));
    }

    /**
     * The object was looked at.
     *
     * @param before its status before that
     * @param claims of all objects, when it was programmed
     */
    void lookedAt(IpTunnel tunnel, Outcome outcome, IpTunnelStatus before, Claims claims) {
        String name = tunnel.getMetadata().getName();
        // What it asks for no longer is another's, whether the kernel tells of it or not.
        if (!Objects.equals(before.observedGeneration(), tunnel.getMetadata().getGeneration())) {
            released(name);
        }
        // A rival that changed meanwhile may have been done before this one was known to wait for it.
        if (outcome.notProgrammed().flatMap(Refusal::rival).isPresent() && !claims().equals(claims)) {
            turns.again(List.of(name));
        }
    }
}
