package dev.iptunnel.agent.health;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reconciliation of the IpTunnels of the first list. It has ended when each was reconciled once, whatever came of it, or
 * when none was for a minute: one object that hangs does not keep the agent from being ready.
 */
final class FirstRound {
    private static final Logger log = LoggerFactory.getLogger(FirstRound.class);
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final int all;
    private final Supplier<List<String>> pending;
    private final LongSupplier nanoTime;
    private boolean ended;
    private int left;
    private long progress;

    /**
     * @param all how many the first list has
     * @param pending the names of those that were not reconciled yet and still exist
     */
    FirstRound(int all, Supplier<List<String>> pending, LongSupplier nanoTime) {
        this.all = all;
        this.pending = pending;
        this.nanoTime = nanoTime;
        left = all;
        progress = nanoTime.getAsLong();
    }

    /** What is still waited for. */
    synchronized Optional<String> remaining() {
        if (ended) {
            return Optional.empty();
        }
        List<String> names = pending.get();
        long now = nanoTime.getAsLong();
        if (names.size() < left) {
            left = names.size();
            progress = now;
        }
        if (names.isEmpty()) {
            ended = true;
        } else if (now - progress > PATIENCE.toNanos()) {
            ended = true;
            log.atWarn().log("{}; the agent is ready without them", said(names));
        }
        return ended ? Optional.empty() : Optional.of("waiting: " + said(names));
    }

    private String said(List<String> names) {
        return "%d of the %d IpTunnels of the first list were not reconciled yet, such as %s"
                .formatted(names.size(), all, names.getFirst());
    }
}
