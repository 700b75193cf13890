package dev.iptunnel.agent.reconcile;

import dev.iptunnel.agent.sdk.NodeControllerConfiguration;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.kernel.Heartbeat;
import dev.iptunnel.schedule.WatchedScheduler;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Writes statuses by threads of its own: while the API server is slow, or says "429 Too Many Requests", the threads that
 * change the kernel go on. Of each object only the latest status is written, and it is tried again until the API server has
 * taken it, or the object is gone.
 */
public final class StatusWriter implements Statuses, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(StatusWriter.class);
    private static final int THREADS = 8;
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final int MOST_DOUBLINGS = 6;
    private static final Duration END = Duration.ofSeconds(2);

    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(NodeControllerConfiguration.FIELD_MANAGER)
            .withForce(true)
            .build();

    private final Consumer<IpTunnel> api;
    private final Predicate<IpTunnel> exists;
    private final WatchedScheduler threads = new WatchedScheduler("statuses", THREADS);
    /** What the API server is to have, by the object's name; an object that is here has a task. */
    private final Map<String, IpTunnel> waiting = new ConcurrentHashMap<>();

    private final Map<String, Integer> failures = new ConcurrentHashMap<>();

    /**
     * Writes by this client.
     *
     * @param exists whether this object, and not only one of its name, exists
     * @param before is run before each write
     */
    public StatusWriter(KubernetesClient client, Predicate<IpTunnel> exists, Runnable before) {
        this(
                patch -> {
                    before.run();
                    client.resource(patch).subresource("status").patch(APPLY);
                },
                exists);
    }

    StatusWriter(Consumer<IpTunnel> api, Predicate<IpTunnel> exists) {
        this.api = api;
        this.exists = exists;
    }

    @Override
    public void write(IpTunnel tunnel, IpTunnelStatus status) {
        String name = tunnel.getMetadata().getName();
        if (waiting.put(name, patch(tunnel, status)) == null) {
            schedule(name, Duration.ZERO);
        }
    }

    @Override
    public void confirm(IpTunnel tunnel, IpTunnelStatus status) {
        waiting.computeIfPresent(tunnel.getMetadata().getName(), (_, _) -> patch(tunnel, status));
    }

    /**
     * Contains only the name, the status, and the UID, so that the patch does not apply to a successor of the same
     * name.
     */
    private static IpTunnel patch(IpTunnel tunnel, IpTunnelStatus status) {
        IpTunnel patch = new IpTunnel();
        patch.setMetadata(new ObjectMetaBuilder()
                .withName(tunnel.getMetadata().getName())
                .withUid(tunnel.getMetadata().getUid())
                .build());
        patch.setStatus(status);
        return patch;
    }

    /** Whether statuses wait for a thread. */
    public boolean isBehind() {
        return waiting.size() > THREADS;
    }

    public Heartbeat heartbeat() {
        return threads.heartbeat();
    }

    private void schedule(String name, Duration delay) {
        try {
            Future<?> unused = threads.schedule(() -> write(name), delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closed) {
            waiting.remove(name);
        }
    }

    private void write(String name) {
        IpTunnel patch = waiting.get(name);
        if (patch == null) {
            return;
        }
        Duration pause = Duration.ZERO;
        try {
            api.accept(patch);
            failures.remove(name);
        } catch (RuntimeException e) {
            if (exists.test(patch)) {
                int failed = failures.merge(name, 1, Integer::sum);
                pause = pause(failed);
                log.atLevel(failed == 1 && saysThatItIsGone(e) ? Level.DEBUG : Level.WARN)
                        .addKeyValue("tunnel", name)
                        .log("status not written, will retry in {} s: {}", pause.toSeconds(), e.getMessage());
            } else {
                failures.remove(name);
            }
        }
        if (!pause.isZero() || !waiting.remove(name, patch)) {
            schedule(name, pause);
        }
    }

    /** An object that was just deleted, or created again: before the next attempt the watch has shown it. */
    private static boolean saysThatItIsGone(RuntimeException e) {
        return e instanceof KubernetesClientException answer
                && (answer.getCode() == HttpURLConnection.HTTP_NOT_FOUND
                        || answer.getCode() == HttpURLConnection.HTTP_CONFLICT);
    }

    private static Duration pause(int failures) {
        return FIRST_RETRY.multipliedBy(1L << Math.min(failures - 1, MOST_DOUBLINGS));
    }

    @Override
    public void close() {
        threads.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        threads.shutdown();
        try {
            if (!threads.awaitTermination(END.toMillis(), TimeUnit.MILLISECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
