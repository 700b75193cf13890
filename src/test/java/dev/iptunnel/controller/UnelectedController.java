package dev.iptunnel.controller;

import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import dev.iptunnel.apiserver.ApiServerConnection;
import dev.iptunnel.controller.cluster.Fleet;
import dev.iptunnel.controller.reconcile.SetEvents;
import dev.iptunnel.controller.reconcile.SetLoop;
import dev.iptunnel.controller.reconcile.SetReconciler;
import dev.iptunnel.controller.write.AddressStore;
import dev.iptunnel.controller.write.RevisionStore;
import dev.iptunnel.controller.write.SetStatusWriter;
import dev.iptunnel.controller.write.TunnelWriter;
import dev.iptunnel.controller.write.WriteListener;
import dev.iptunnel.schedule.Clocks;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Follows the sets as a controller does, whoever leads. */
final class UnelectedController implements AutoCloseable {
    private final KubernetesClient client = ApiServerConnection.open(Config.autoConfigure(null));
    private final Fleet fleet;
    private final SetEvents events;
    private final TunnelWriter tunnels;
    private final SetLoop loop;

    UnelectedController(String namespace, WriteListener writes) {
        this(namespace, writes, _ -> false);
    }

    /** @param isGoing what a direct read says: whether a set is being deleted, or is gone */
    UnelectedController(String namespace, WriteListener writes, Predicate<IpTunnelSet> isGoing) {
        fleet = new Fleet(client, namespace, Clocks.system().steady(), new Changes());
        events = new SetEvents(client, "unelected", Clocks.system());
        tunnels = new TunnelWriter(client, fleet, writes);
        SetReconciler reconciler = new SetReconciler(
                fleet,
                new SetReconciler.Stores(
                        new AddressStore(client, namespace, writes),
                        new RevisionStore(client, namespace, writes),
                        tunnels,
                        new SetStatusWriter(client, writes)),
                events,
                Clocks.system(),
                node -> false,
                isGoing,
                Set::of);
        loop = new SetLoop(
                () -> fleet.sets().stream()
                        .map(set -> set.getMetadata().getName())
                        .collect(Collectors.toSet()),
                reconciler::pass);
        fleet.start();
    }

    boolean isSynced() {
        return fleet.isSynced();
    }

    void start() {
        loop.start();
    }

    private final class Changes implements Fleet.Listener {
        @Override
        public void changed(String set) {
            loop.changed(set);
        }

        @Override
        public void changed() {
            loop.changed();
        }
    }

    @Override
    public void close() {
        loop.close();
        tunnels.close();
        fleet.close();
        events.close();
        client.close();
    }
}
