package dev.iptunnel.controller.liveness;

import dev.iptunnel.controller.cluster.StoredTunnel;
import dev.iptunnel.set.FleetNode;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Lists in place of the controller's informers. */
public record ListedFleet(KubernetesClient client, String namespace, Predicate<String> isReady) implements FleetView {
    /** Looks every five seconds from now on, by a thread that the caller ends. */
    public ScheduledExecutorService judge(Clock wall, InstantSource steady) {
        AgentLiveness liveness = new AgentLiveness(client, namespace, this, wall, steady);
        ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor();
        var unused = looks.scheduleWithFixedDelay(liveness::look, 0, 5, TimeUnit.SECONDS);
        return looks;
    }

    @Override
    public Collection<StoredTunnel> tunnels() {
        return client.resources(StoredTunnel.class).list().getItems();
    }

    @Override
    public Collection<FleetNode> nodes() {
        return client.nodes().list().getItems().stream()
                .map(node -> node.getMetadata().getName())
                .map(name -> new FleetNode(name, "uid", Map.of(), List.of(), List.of(), isReady.test(name)))
                .toList();
    }

    @Override
    public Collection<Lease> leases() {
        return client.leases().inNamespace(namespace).list().getItems();
    }

    @Override
    public boolean isCurrent() {
        return true;
    }
}
