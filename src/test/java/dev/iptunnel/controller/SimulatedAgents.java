package dev.iptunnel.controller;

import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.controller.cluster.StoredTunnel;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;

/** Answers each IpTunnel as the agent of its node would: Ready, Stalled if the test says so, or not at all. */
final class SimulatedAgents implements AutoCloseable, ResourceEventHandler<StoredTunnel> {
    private static final String LONG_AGO = "2026-01-01T00:00:00Z";
    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager("iptunnel-agent")
            .withForce(true)
            .build();

    private final KubernetesClient client;
    private final ExecutorService threads = Executors.newFixedThreadPool(4);
    private final Set<String> silent = ConcurrentHashMap.newKeySet();
    private final SharedIndexInformer<StoredTunnel> informer;
    private volatile Predicate<StoredTunnel> isBad = tunnel -> false;
    private volatile Predicate<StoredTunnel> isUnreachable = tunnel -> false;
    private volatile Duration delay = Duration.ZERO;

    SimulatedAgents(KubernetesClient client) {
        this.client = client;
        informer = client.resources(StoredTunnel.class).inform(this);
    }

    /** The agent of this node does not answer any more. */
    void silence(String node) {
        silent.add(node);
    }

    /** The agent of this node answers again. */
    void wake(String node) {
        silent.remove(node);
        informer.getStore().list().forEach(this::answer);
    }

    /** Each answer takes this time. */
    void slow(Duration time) {
        delay = time;
    }

    /** Which tunnels cannot be programmed. */
    void refuse(Predicate<StoredTunnel> bad) {
        isBad = bad;
    }

    /** The peers of which tunnels do not answer. */
    void losePeers(Predicate<StoredTunnel> unreachable) {
        isUnreachable = unreachable;
    }

    @Override
    public void onAdd(StoredTunnel tunnel) {
        answer(tunnel);
    }

    @Override
    public void onUpdate(StoredTunnel before, StoredTunnel now) {
        answer(now);
    }

    @Override
    public void onDelete(StoredTunnel tunnel, boolean unknown) {}

    private void answer(StoredTunnel tunnel) {
        boolean answered = tunnel.getStatus() != null
                && Objects.equals(
                        tunnel.getStatus().observedGeneration(),
                        tunnel.getMetadata().getGeneration());
        if (!answered && !silent.contains(tunnel.nodeName())) {
            threads.execute(() -> writeLater(tunnel));
        }
    }

    private void writeLater(StoredTunnel tunnel) {
        try {
            Thread.sleep(delay);
            write(tunnel);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write(StoredTunnel tunnel) {
        StoredTunnel patch = new StoredTunnel();
        patch.setMetadata(new ObjectMetaBuilder()
                .withName(tunnel.getMetadata().getName())
                .withUid(tunnel.getMetadata().getUid())
                .build());
        patch.setStatus(new IpTunnelStatus(
                tunnel.getMetadata().getGeneration(),
                tunnel.interfaceName(),
                7,
                1480,
                null,
                tunnel.text("local"),
                tunnel.text("remote"),
                "UNKNOWN",
                isBad.test(tunnel) ? bad() : good(tunnel)));
        try {
            client.resource(patch).subresource("status").patch(APPLY);
        } catch (KubernetesClientException gone) {
            // The next event of the tunnel is answered.
            Thread.onSpinWait();
        }
    }

    private List<Condition> good(StoredTunnel tunnel) {
        Condition ready = condition("Ready", "True", "TunnelUp", "the tunnel is up");
        Condition programmed = condition("Programmed", "True", "InSync", "the kernel has it");
        if (!tunnel.getSpec().has("probe")) {
            return List.of(ready, programmed);
        }
        return List.of(
                ready,
                programmed,
                isUnreachable.test(tunnel)
                        ? condition("Reachable", "False", "NoReply", "the peer does not answer")
                        : condition("Reachable", "True", "PeerAnswers", "the peer answers"));
    }

    private static List<Condition> bad() {
        return List.of(
                condition("Ready", "False", "ParentNotFound", "there is no interface nowhere0"),
                condition("Programmed", "False", "ParentNotFound", "there is no interface nowhere0"),
                condition("Stalled", "True", "ParentNotFound", "there is no interface nowhere0"));
    }

    private static Condition condition(String type, String status, String reason, String message) {
        return new ConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .withLastTransitionTime(LONG_AGO)
                .build();
    }

    @Override
    public void close() {
        informer.stop();
        threads.shutdownNow();
    }
}
