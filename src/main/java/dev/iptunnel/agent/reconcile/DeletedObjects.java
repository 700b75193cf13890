package dev.iptunnel.agent.reconcile;

import dev.iptunnel.agent.cluster.NodeTunnels;
import dev.iptunnel.agent.orphan.Departures;
import dev.iptunnel.agent.sdk.NewObjects;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.util.List;
import java.util.Optional;

/** Handles the deletion of an object: removes its tunnel, or leaves it to a successor of the same name. */
final class DeletedObjects {
    private final NodeTunnels tunnels;
    private final Departures departures;
    private final TunnelRegistry registry;
    private final Probes probes;
    private final Turns turns;
    private final Rivals rivals;
    private final NewObjects newObjects;

    DeletedObjects(
            NodeTunnels tunnels,
            Departures departures,
            TunnelRegistry registry,
            Probes probes,
            Turns turns,
            Rivals rivals,
            NewObjects newObjects) {
        this.tunnels = tunnels;
        this.departures = departures;
        this.registry = registry;
        this.probes = probes;
        this.turns = turns;
        this.rivals = rivals;
        this.newObjects = newObjects;
    }

    /** The SDK has to listen to these. */
    List<EventSource<?, IpTunnel>> eventSources() {
        return List.of(departures.departed(), newObjects);
    }

    /**
     * After this returns, the SDK drops the events that it has for the name, so a successor is reconciled by
     * {@link NewObjects}.
     *
     * @param missedOnWatch the deletion was not seen on the watch; a list lacks the object, and the list may be wrong
     */
    void deleted(IpTunnel tunnel, boolean missedOnWatch) {
        String name = tunnel.getMetadata().getName();
        registry.forget(tunnel);
        probes.forget(name);
        turns.forget(name);
        Optional<IpTunnel> successor = tunnels.byName(name);
        if (successor.isPresent()) {
            newObjects.isSuccessor(successor.get());
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
