package dev.iptunnel.controller.write;

import dev.iptunnel.controller.cluster.Fleet;
import dev.iptunnel.controller.cluster.StoredTunnel;
import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes IpTunnels, a few at a time. What the API server takes within a turn is the limit: while it answers slowly, or says
 * "429 Too Many Requests", fewer are written.
 */
public final class TunnelWriter implements AutoCloseable {
    /** The owner of what a set says of its tunnels, under server-side apply. */
    public static final String FIELD_MANAGER = "iptunnel.dev/set";

    private static final Logger log = LoggerFactory.getLogger(TunnelWriter.class);
    private static final int THREADS = 8;
    private static final Duration TURN = Duration.ofSeconds(5);
    private static final int UNPROCESSABLE = 422;
    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(FIELD_MANAGER)
            .withForce(true)
            .build();

    private final KubernetesClient client;
    private final Fleet fleet;
    private final CountedWrites writes;
    private final ExecutorService threads = Executors.newFixedThreadPool(
            THREADS, Thread.ofPlatform().daemon().name("tunnels-", 1).factory());

    /**
     * What a turn did.
     *
     * @param done how many writes the API server took
     * @param left how many were not tried any more, or failed in a way that passes
     * @param refused what the API server will not take as it is
     */
    public record Outcome(int done, int left, List<Refusal> refused) {
        public static final Outcome NOTHING = new Outcome(0, 0, List.of());
    }

    /** A write that the API server refused. */
    public record Refusal(TunnelWrite write, String message) {}

    /** @param fleet is told of what was written */
    public TunnelWriter(KubernetesClient client, Fleet fleet, WriteListener listener) {
        this.client = client;
        this.fleet = fleet;
        this.writes = new CountedWrites(listener);
    }

    /** Executes these in their order, several at a time, for at most five seconds and the requests that run then. */
    public Outcome execute(List<TunnelWrite> all) throws InterruptedException {
        if (all.isEmpty()) {
            return Outcome.NOTHING;
        }
        Turn turn = new Turn(all);
        int workers = Math.min(THREADS, all.size());
        CountDownLatch ended = new CountDownLatch(workers);
        for (int i = 0; i < workers; i++) {
            threads.execute(() -> {
                try {
                    turn.work();
                } finally {
                    ended.countDown();
                }
            });
        }
        ended.await();
        return turn.outcome(all.size());
    }

    /** The writes of one call, taken by several threads. */
    private final class Turn {
        private final Deque<TunnelWrite> waiting;
        private final List<Refusal> refused = new ArrayList<>();
        private final long begin = System.nanoTime();
        private int done;

        Turn(List<TunnelWrite> all) {
            waiting = new ArrayDeque<>(all);
        }

        void work() {
            for (Optional<TunnelWrite> next = next(); next.isPresent(); next = next()) {
                try {
                    write(next.get());
                    count();
                } catch (KubernetesClientException e) {
                    failed(next.get(), e);
                }
            }
        }

        private synchronized Optional<TunnelWrite> next() {
            return System.nanoTime() - begin < TURN.toNanos() ? Optional.ofNullable(waiting.poll()) : Optional.empty();
        }

        private synchronized void count() {
            done++;
        }

        private synchronized void failed(TunnelWrite write, KubernetesClientException e) {
            log.atWarn().addKeyValue("tunnel", write.name()).log("not written: {}", e.getMessage());
            switch (e.getCode()) {
                case UNPROCESSABLE, HttpURLConnection.HTTP_BAD_REQUEST, HttpURLConnection.HTTP_FORBIDDEN ->
                    refused.add(new Refusal(write, message(e)));
                // Gone, or another by now: the next pass sees it. Everything else passes too, or no write is possible.
                case HttpURLConnection.HTTP_CONFLICT, HttpURLConnection.HTTP_NOT_FOUND -> {}
                default -> waiting.clear();
            }
        }

        private synchronized Outcome outcome(int all) {
            return new Outcome(done, all - done - refused.size(), List.copyOf(refused));
        }
    }

    private static String message(KubernetesClientException e) {
        return e.getStatus() != null && e.getStatus().getMessage() != null
                ? e.getStatus().getMessage()
                : String.valueOf(e.getMessage());
    }

    private void write(TunnelWrite write) {
        switch (write) {
            case TunnelWrite.Apply apply -> fleet.wrote(apply(apply));
            case TunnelWrite.Delete delete -> {
                delete(delete);
                fleet.deleted(delete.uid());
            }
        }
    }

    private StoredTunnel apply(TunnelWrite.Apply apply) {
        StoredTunnel tunnel = client.getKubernetesSerialization().convertValue(apply.object(), StoredTunnel.class);
        return writes.write("iptunnels", "apply", () -> client.resource(tunnel).patch(APPLY));
    }

    /** The client's own deletion cannot name a UID. */
    private void delete(TunnelWrite.Delete delete) {
        DeleteOptions options = new DeleteOptionsBuilder()
                .withNewPreconditions()
                .withUid(delete.uid())
                .withResourceVersion(delete.resourceVersion())
                .endPreconditions()
                .build();
        writes.write(
                "iptunnels",
                "delete",
                () -> client.raw("/apis/iptunnel.dev/v1alpha1/iptunnels/" + delete.name(), "DELETE", options));
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
