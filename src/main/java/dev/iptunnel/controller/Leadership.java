package dev.iptunnel.controller;

import dev.iptunnel.kernel.Heartbeat;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectorBuilder;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Lease that makes one controller the leader. A leader that loses it must end its process: only then is it certain that it
 * writes nothing more.
 *
 * <p>Fabric8's election looks at its deadline between two requests only. A request that nobody answers would outlast the Lease, so
 * a thread of its own looks at the deadline too.
 */
final class Leadership implements AutoCloseable {
    static final String LEASE = "iptunnel-controller";

    private static final Logger log = LoggerFactory.getLogger(Leadership.class);
    private static final Duration DURATION = Duration.ofSeconds(15);
    private static final Duration RENEW_DEADLINE = Duration.ofSeconds(10);
    private static final Duration RETRY = Duration.ofSeconds(2);
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final CountDownLatch led = new CountDownLatch(1);
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("election").factory());
    private final ScheduledExecutorService deadline = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("election-deadline").factory());
    private final Heartbeat heartbeat = new Heartbeat("election");
    private final Runnable lost;
    private final TimedLease lease;
    private final CompletableFuture<?> election;
    private volatile boolean leader;
    private volatile boolean closing;
    private volatile Optional<String> other = Optional.empty();

    /**
     * Takes part in the election from now on.
     *
     * @param identity of this process, unique
     * @param lost is run when this process has led and does not lead any more
     */
    Leadership(KubernetesClient client, String namespace, String identity, Runnable lost) {
        this.lost = lost;
        lease = new TimedLease(namespace, LEASE, identity);
        LeaderElector elector = new LeaderElectorBuilder(client, thread)
                .withConfig(new LeaderElectionConfigBuilder()
                        .withName(LEASE)
                        .withLock(lease)
                        .withLeaseDuration(DURATION)
                        .withRenewDeadline(RENEW_DEADLINE)
                        .withRetryPeriod(RETRY)
                        .withReleaseOnCancel(true)
                        .withLeaderCallbacks(new LeaderCallbacks(
                                this::startedLeading,
                                this::stoppedLeading,
                                now -> other = Optional.of(now).filter(name -> !name.equals(identity))))
                        .build())
                .build();
        election = elector.start();
        // It also ends with an exception that it did not expect: then nobody would ever lead.
        CompletableFuture<?> unused = election.whenComplete((_, failure) -> {
            if (!closing) {
                heartbeat.ended(failure == null ? new IllegalStateException("the election ended") : failure);
            }
        });
        Future<?> unusedToo = deadline.scheduleAtFixedRate(
                this::keepDeadline, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void keepDeadline() {
        if (leader && lease.age().compareTo(RENEW_DEADLINE) > 0) {
            log.atError().log("the Lease could not be renewed for {} s", RENEW_DEADLINE.toSeconds());
            stoppedLeading();
        }
    }

    private void startedLeading() {
        log.atInfo().log("this controller leads");
        leader = true;
        led.countDown();
    }

    private synchronized void stoppedLeading() {
        boolean before = leader;
        leader = false;
        if (before && !closing) {
            lost.run();
        }
    }

    boolean isLeader() {
        return leader;
    }

    /** The leader, if another one leads. */
    Optional<String> other() {
        return other;
    }

    /** Whether the election goes on. */
    Heartbeat heartbeat() {
        return heartbeat;
    }

    /** Waits until this process leads. */
    void await() throws InterruptedException {
        led.await();
    }

    /** Gives the Lease back, so that the next controller need not wait until it expires. */
    @Override
    public void close() {
        closing = true;
        deadline.shutdownNow();
        election.cancel(true);
        thread.shutdown();
    }
}
