package dev.iptunnel.agent.lease;

import dev.iptunnel.kernel.Heartbeat;
import dev.iptunnel.schedule.Clocks;
import dev.iptunnel.schedule.WatchedScheduler;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the agent's Lease while the agent works, by a thread of its own. The controller takes an agent whose Lease is
 * not renewed for a dead one, so a Lease that is renewed must mean that tunnels are watched and kept.
 */
public final class LeaseRenewal implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LeaseRenewal.class);
    private static final Duration PERIOD = Duration.ofSeconds(20);
    private static final double JITTER = 0.1;
    private static final Duration RETRY = Duration.ofSeconds(5);
    /** After as long without a renewal, the controller may soon take the agent for dead. */
    private static final Duration GAP = Duration.ofSeconds(40);
    /** Longer than two pings, a time-out and a new list. */
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(150);

    private final Consumer<Instant> lease;
    private final Supplier<Optional<String>> obstacle;
    private final Consumer<Result> results;
    private final Clocks clocks;
    private final WatchedScheduler thread = new WatchedScheduler("lease");
    private Optional<Instant> renewed = Optional.empty();
    private Optional<Instant> tried = Optional.empty();
    private boolean outage;

    /** What became of a renewal. */
    public enum Result {
        RENEWED,
        /** The API server did not take it. */
        FAILED,
        /** The agent does not work, so it was not tried. */
        WITHHELD
    }

    /**
     * A renewal that {@link #start} begins.
     *
     * @param sickness why the agent does not work; empty while it does
     * @param results is told of each renewal
     */
    public static LeaseRenewal of(
            KubernetesClient client,
            String node,
            LeaseTerms terms,
            Supplier<Optional<String>> sickness,
            Consumer<Result> results,
            Clocks clocks) {
        Instant begin = clocks.steady().instant();
        Supplier<Optional<String>> deafness = () -> {
            Duration silence = terms.watchSilence()
                    .get()
                    .orElseGet(() -> Duration.between(begin, clocks.steady().instant()));
            return silence.compareTo(LONGEST_SILENCE) > 0
                    ? Optional.of("nothing arrived on the watch of IpTunnels for " + silence.toSeconds() + " s")
                    : Optional.empty();
        };
        return new LeaseRenewal(
                new LeaseWriter(client, terms.namespace(), node)::write,
                () -> sickness.get().or(deafness),
                results,
                clocks);
    }

    /**
     * For tests.
     *
     * @param lease writes the Lease with this time
     * @param obstacle why it must not be renewed
     */
    LeaseRenewal(
            Consumer<Instant> lease, Supplier<Optional<String>> obstacle, Consumer<Result> results, Clocks clocks) {
        this.lease = lease;
        this.obstacle = obstacle;
        this.results = results;
        this.clocks = clocks;
    }

    /** Renews now, and from then on every 20 to 22 seconds. A failed renewal is retried after 5 seconds. */
    public void start() {
        schedule(Duration.ZERO);
    }

    private void schedule(Duration delay) {
        try {
            Future<?> unused = thread.schedule(
                    () -> schedule(renew() == Result.FAILED ? RETRY : period()),
                    delay.toMillis(),
                    TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closed) {
            log.atDebug().log("the Lease is not renewed any more");
        }
    }

    private static Duration period() {
        double factor = 1 + JITTER * ThreadLocalRandom.current().nextDouble();
        return Duration.ofMillis((long) (PERIOD.toMillis() * factor));
    }

    /**
     * Renews the Lease first if it was not renewed for long: a controller that still took the agent for dead would replace
     * the status that is about to be written. Does not wait if that fails.
     */
    public synchronized void beforeStatus() {
        Instant now = clocks.steady().instant();
        if (isOlder(renewed, GAP, now) && isOlder(tried, RETRY, now)) {
            renew();
        }
    }

    private static boolean isOlder(Optional<Instant> event, Duration age, Instant now) {
        return event.filter(at -> at.plus(age).isAfter(now)).isEmpty();
    }

    /** Renews the Lease if the agent works. */
    synchronized Result renew() {
        Result result = attempt();
        results.accept(result);
        return result;
    }

    private Result attempt() {
        Optional<String> why = obstacle.get();
        if (why.isPresent()) {
            warn("the Lease is not renewed, because the agent does not work: {}", why.get());
            return Result.WITHHELD;
        }
        tried = Optional.of(clocks.steady().instant());
        try {
            lease.accept(clocks.wall().instant());
        } catch (KubernetesClientException e) {
            warn("the Lease is not renewed, will retry: {}", String.valueOf(e.getMessage()));
            return Result.FAILED;
        }
        renewed = Optional.of(clocks.steady().instant());
        if (outage) {
            log.atInfo().log("the Lease is renewed again");
            outage = false;
        }
        return Result.RENEWED;
    }

    private void warn(String what, String why) {
        if (!outage) {
            log.atWarn().log(what, why);
        }
        outage = true;
    }

    public Heartbeat heartbeat() {
        return thread.heartbeat();
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
