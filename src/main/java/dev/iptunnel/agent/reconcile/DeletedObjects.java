package dev.iptunnel.agent.reconcile;

import dev.iptunnel.agent.cluster.NodeTunnels;
import dev.iptunnel.agent.orphan.Departures;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.util.Optional;

/** What becomes of an object that the informer has no more: it went, or has a successor of its name. */
final class DeletedObjects {
    private final NodeTunnels tunnels;
    private final Departures departures;
    private final TunnelRegistry registry;
    private final Turns turns;
    private final Rivals rivals;

    DeletedObjects(NodeTunnels tunnels, Departures departures, TunnelRegistry registry, Turns turns, Rivals rivals) {
        this.tunnels = tunnels;
        this.departures = departures;
        this.registry = registry;
        this.turns = turns;
        this.rivals = rivals;
    }

    /** What the SDK is to listen to. */
    EventSource<?, IpTunnel> eventSource() {
        return departures.departed();
    }

    /**
     * After this returns, the SDK drops events queued for the name: a successor is given a turn of its own.
     *
     * @param missedOnWatch a list lacks it, and it may be the list that is wrong
     */
    void deleted(IpTunnel tunnel, boolean missedOnWatch) {
        String name = tunnel.getMetadata().getName();
        registry.forget(tunnel);
        turns.forget(name);
        Optional<IpTunnel> successor = tunnels.byName(name);
        if (successor.isPresent()) {
            turns.successor(successor.get());
            return;
        }
        if (missedOnWatch) {
            departures.missed(tunnel);
        } else {
            departures.seen(tunnel);
        }
        rivals.released(name);
    }
}
