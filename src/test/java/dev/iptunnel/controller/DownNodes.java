package dev.iptunnel.controller;

import dev.iptunnel.controller.cluster.StoredTunnel;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.HashMap;
import java.util.Map;

/** Counts, from outside the controller, on how many nodes tunnels wait for their agents, and how many changes there were. */
final class DownNodes implements ResourceEventHandler<StoredTunnel>, AutoCloseable {
    /** The tunnels that wait, with their nodes. */
    private final Map<String, String> waiting = new HashMap<>();

    private final SharedIndexInformer<StoredTunnel> informer;
    private long most;
    private long changes;

    DownNodes(KubernetesClient client) {
        informer = client.resources(StoredTunnel.class).inform(this);
    }

    /** The most at a time. */
    synchronized long most() {
        return most;
    }

    /** How many tunnels were created or changed. */
    synchronized long changes() {
        return changes;
    }

    private synchronized void seen(StoredTunnel tunnel) {
        if (tunnel.asChild().isReady()) {
            waiting.remove(tunnel.getMetadata().getName());
        } else {
            waiting.put(tunnel.getMetadata().getName(), tunnel.nodeName());
            most = Math.max(most, waiting.values().stream().distinct().count());
        }
    }

    @Override
    public synchronized void onAdd(StoredTunnel tunnel) {
        changes++;
        seen(tunnel);
    }

    @Override
    public synchronized void onUpdate(StoredTunnel before, StoredTunnel now) {
        if (!before.getMetadata().getGeneration().equals(now.getMetadata().getGeneration())) {
            changes++;
        }
        seen(now);
    }

    @Override
    public synchronized void onDelete(StoredTunnel tunnel, boolean unknown) {
        waiting.remove(tunnel.getMetadata().getName());
    }

    @Override
    public void close() {
        informer.stop();
    }
}
