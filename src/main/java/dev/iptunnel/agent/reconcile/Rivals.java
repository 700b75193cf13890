package dev.iptunnel.agent.reconcile;

import dev.iptunnel.agent.cluster.NodeTunnels;
import dev.iptunnel.agent.program.Outcome;
import dev.iptunnel.agent.spec.DesiredTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.planner.Claims;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/**
 * IpTunnels that want the same interface or endpoints: each is reconciled again when another one releases something.
 */
final class Rivals {
    private final TunnelRegistry registry;
    private final DesiredTunnels desiredTunnels;
    private final NodeTunnels tunnels;
    private final Turns turns;

    Rivals(TunnelRegistry registry, DesiredTunnels desiredTunnels, NodeTunnels tunnels, Turns turns) {
        this.registry = registry;
        this.desiredTunnels = desiredTunnels;
        this.tunnels = tunnels;
        this.turns = turns;
    }

    /** The claims of all objects now. */
    Claims claims() {
        return desiredTunnels.claims();
    }

    /** How often any object has changed. */
    long changes() {
        return tunnels.changes();
    }

    /** Reconciles the objects whose tunnels were displaced. */
    void displaced(Collection<String> names) {
        turns.again(names);
    }

    /** Reconciles the objects that were refused because of this one: it no longer claims what it did. */
    void released(String name) {
        turns.again(registry.refusedFor(name));
    }

    /**
     * Reconciles rivals, and the object itself, if that may have a new result.
     *
     * @param before the object's status before it was programmed
     * @param changes {@link #changes} before it was programmed
     */
    void lookedAt(IpTunnel tunnel, Outcome outcome, IpTunnelStatus before, long changes) {
        String name = tunnel.getMetadata().getName();
        // A rival may have what the object no longer asks for, even if the kernel reports no change.
        if (!Objects.equals(before.observedGeneration(), tunnel.getMetadata().getGeneration())) {
            released(name);
        }
        // A rival that changed meanwhile may have been reconciled before this one was known to wait for it.
        if (outcome.notProgrammed().flatMap(Refusal::rival).isPresent() && changes() != changes) {
            turns.again(List.of(name));
        }
    }
}
