package dev.iptunnel.scrape;

import dev.iptunnel.scrape.Reviews.Verdict;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers the API server's verdicts for a short time, by a hash of the token, and asks few questions at a time. If the API
 * server does not answer, what it allowed before stays allowed for a few minutes more: metrics are wanted most then.
 */
final class CachedReviews {
    private static final Logger log = LoggerFactory.getLogger(CachedReviews.class);
    static final Duration ALLOWED = Duration.ofMinutes(1);
    static final Duration DENIED = Duration.ofSeconds(10);
    static final Duration ALLOWED_WITHOUT_API_SERVER = Duration.ofMinutes(10);
    /** Both together are less than the ten seconds that Prometheus waits. */
    private static final Duration TURN = Duration.ofSeconds(3);

    private static final Duration REVIEW = Duration.ofSeconds(4);
    private static final int MOST = 256;
    private static final int AT_ONCE = 2;

    private record Known(Verdict verdict, long at) {
        boolean isYounger(Duration age, long now) {
            return now - at < age.toNanos();
        }
    }

    private final Function<String, Verdict> reviews;
    private final LongSupplier nanoTime;
    private final Semaphore turns = new Semaphore(AT_ONCE, true);
    private final Map<String, Known> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Known> eldest) {
            return size() > MOST;
        }
    };

    CachedReviews(Function<String, Verdict> reviews, LongSupplier nanoTime) {
        this.reviews = reviews;
        this.nanoTime = nanoTime;
    }

    /** The verdict; empty if it is not known, and the API server does not say. */
    Optional<Verdict> of(String token) {
        String hash = hash(token);
        Optional<Verdict> fresh = fresh(hash);
        return fresh.isPresent() ? fresh : asked(token, hash);
    }

    private Optional<Verdict> asked(String token, String hash) {
        try {
            if (!turns.tryAcquire(TURN.toMillis(), TimeUnit.MILLISECONDS)) {
                return allowedBefore(hash);
            }
            return Optional.of(review(token, hash).get(REVIEW.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException | TimeoutException e) {
            log.atDebug().setCause(e).log("the API server does not say who may read metrics");
            return allowedBefore(hash);
        }
    }

    /** It has its turn until it ends, even if nobody waits for it any more. */
    private CompletableFuture<Verdict> review(String token, String hash) {
        return CompletableFuture.supplyAsync(
                        () -> {
                            // Another connection with the same token may have asked meanwhile.
                            Optional<Verdict> fresh = fresh(hash);
                            if (fresh.isPresent()) {
                                return fresh.get();
                            }
                            Verdict verdict = reviews.apply(token);
                            remember(hash, verdict);
                            return verdict;
                        },
                        Thread::startVirtualThread)
                .whenComplete((_, _) -> turns.release());
    }

    private synchronized Optional<Verdict> fresh(String hash) {
        return remembered(hash, verdict -> verdict == Verdict.ALLOWED ? ALLOWED : DENIED);
    }

    private synchronized Optional<Verdict> allowedBefore(String hash) {
        return remembered(hash, verdict -> verdict == Verdict.ALLOWED ? ALLOWED_WITHOUT_API_SERVER : DENIED);
    }

    private Optional<Verdict> remembered(String hash, Function<Verdict, Duration> age) {
        return Optional.ofNullable(known.get(hash))
                .filter(entry -> entry.isYounger(age.apply(entry.verdict()), nanoTime.getAsLong()))
                .map(Known::verdict);
    }

    private synchronized void remember(String hash, Verdict verdict) {
        known.put(hash, new Known(verdict, nanoTime.getAsLong()));
    }

    private static String hash(String token) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
