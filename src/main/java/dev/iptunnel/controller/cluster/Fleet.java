package dev.iptunnel.controller.cluster;

import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import dev.iptunnel.set.FleetNode;
import dev.iptunnel.set.SetNames;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The controller's informers: all IpTunnelSets, IpTunnels and Nodes, and the Leases of the agents' namespace. */
public final class Fleet implements AutoCloseable {
    private final SharedIndexInformer<IpTunnelSet> sets;
    private final SharedIndexInformer<StoredTunnel> tunnels;
    private final SharedIndexInformer<Node> nodes;
    private final SharedIndexInformer<Lease> leases;
    private final OwnWrites ownWrites;
    private final List<SharedIndexInformer<?>> all;

    /** Is told which sets an event concerns. */
    public interface Listener {
        /** Something of this set, or of one of its tunnels. */
        void changed(String set);

        /** Something that any set may depend on. */
        void changed();
    }

    /**
     * Prepares the informers; {@link #start} runs them.
     *
     * @param namespace of the agents' Leases
     * @param steady a clock that cannot be set
     */
    public Fleet(KubernetesClient client, String namespace, InstantSource steady, Listener listener) {
        ownWrites = new OwnWrites(steady);
        sets = client.resources(IpTunnelSet.class).runnableInformer(0).itemStore(new Trimmed<>(set -> {}));
        tunnels = client.resources(StoredTunnel.class).runnableInformer(0).itemStore(new Trimmed<>(tunnel -> {}));
        nodes = client.nodes().runnableInformer(0).itemStore(new Trimmed<>(Fleet::trim));
        leases = client.leases().inNamespace(namespace).runnableInformer(0).itemStore(new Trimmed<>(lease -> {}));
        all = List.of(sets, tunnels, nodes, leases);
        // Another set may have waited for what this one had.
        sets.addEventHandler(new Handler<>(Fleet::isSameSet, _ -> listener.changed()));
        nodes.addEventHandler(new Handler<>(
                (before, now) -> NodeReader.read(before).equals(NodeReader.read(now)), _ -> listener.changed()));
        tunnels.addEventHandler(new OwnWritesHandler(ownWrites));
        tunnels.addEventHandler(new Handler<>(Fleet::isSameTunnel, tunnel -> concerned(tunnel, listener)));
    }

    private static void trim(Node node) {
        if (node.getStatus() != null) {
            node.getStatus().setImages(List.of());
        }
    }

    private static void concerned(StoredTunnel tunnel, Listener listener) {
        String set = tunnel.labels().get(SetNames.SET);
        if (set == null) {
            listener.changed();
        } else {
            listener.changed(set);
        }
    }

    /** Their statuses are the controller's own. */
    private static boolean isSameSet(IpTunnelSet before, IpTunnelSet now) {
        return isSameObject(before, now)
                && Objects.equals(
                        before.getMetadata().getAnnotations(), now.getMetadata().getAnnotations());
    }

    private static boolean isSameTunnel(StoredTunnel before, StoredTunnel now) {
        return isSameObject(before, now)
                && before.labels().equals(now.labels())
                && before.annotations().equals(now.annotations())
                && before.asChild().observed().equals(now.asChild().observed())
                && before.setUid().equals(now.setUid());
    }

    private static boolean isSameObject(HasMetadata before, HasMetadata now) {
        return before.getMetadata().getUid().equals(now.getMetadata().getUid())
                && Objects.equals(
                        before.getMetadata().getGeneration(), now.getMetadata().getGeneration())
                && Objects.equals(
                        before.getMetadata().getDeletionTimestamp(),
                        now.getMetadata().getDeletionTimestamp());
    }

    /** Lists and watches from now on; the lists arrive later. */
    public void start() {
        all.forEach(SharedIndexInformer::start);
    }

    /** Whether everything was listed: before, nothing may be concluded from what is not there. */
    public boolean isSynced() {
        return all.stream().allMatch(SharedIndexInformer::hasSynced);
    }

    /** Whether every watch is open. A watch whose peer is silent is closed within a minute by its pings. */
    public boolean isCurrent() {
        return isSynced() && all.stream().allMatch(SharedIndexInformer::isWatching);
    }

    public Optional<IpTunnelSet> set(String name) {
        return Optional.ofNullable(sets.getStore().getByKey(name));
    }

    public List<IpTunnelSet> sets() {
        return sets.getStore().list();
    }

    /** All IpTunnels that have a spec, as new as the controller's last writes. */
    public List<StoredTunnel> tunnels() {
        return ownWrites.over(shown()).stream()
                .filter(tunnel -> tunnel.getSpec() != null)
                .toList();
    }

    private Stream<StoredTunnel> shown() {
        return tunnels.getStore().list().stream();
    }

    public List<FleetNode> nodes() {
        return nodes.getStore().list().stream().map(NodeReader::read).toList();
    }

    public Collection<Lease> leases() {
        return leases.getStore().list();
    }

    /** The API server answered a write with this object. */
    public void wrote(StoredTunnel tunnel) {
        ownWrites.wrote(tunnel);
    }

    /** The API server took the deletion of the object with this UID. */
    public void deleted(String uid) {
        ownWrites.deleted(uid);
    }

    @Override
    public void close() {
        all.forEach(SharedIndexInformer::stop);
    }

    /** Passes on what is more than a repetition. */
    private record Handler<T>(BiPredicate<T, T> isSame, Consumer<T> changed) implements ResourceEventHandler<T> {
        @Override
        public void onAdd(T object) {
            changed.accept(object);
        }

        @Override
        public void onUpdate(T before, T now) {
            if (!isSame.test(before, now)) {
                changed.accept(now);
            }
        }

        @Override
        public void onDelete(T object, boolean finalStateUnknown) {
            changed.accept(object);
        }
    }

    private record OwnWritesHandler(OwnWrites writes) implements ResourceEventHandler<StoredTunnel> {
        @Override
        public void onAdd(StoredTunnel tunnel) {
            writes.shown(tunnel);
        }

        @Override
        public void onUpdate(StoredTunnel before, StoredTunnel now) {
            writes.shown(now);
        }

        @Override
        public void onDelete(StoredTunnel tunnel, boolean finalStateUnknown) {
            writes.gone(tunnel);
        }
    }
}
