package dev.iptunnel.controller.reconcile;

import dev.iptunnel.controller.cluster.Fleet;
import dev.iptunnel.kernel.Heartbeat;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that makes the passes. A set gets a pass after a change, two seconds after its last one at the earliest, so that a
 * burst of changes costs one; without a change it gets one every half minute.
 */
public final class SetLoop implements Fleet.Listener, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SetLoop.class);
    private static final Duration BETWEEN = Duration.ofSeconds(2);
    private static final Duration UNASKED = Duration.ofSeconds(30);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);

    private final Supplier<Set<String>> sets;
    private final Function<String, Duration> pass;
    private final Heartbeat heartbeat = new Heartbeat("sets");
    private final Thread thread = Thread.ofPlatform().daemon().name("sets").unstarted(this::run);
    /** When each set is due, in nanoseconds. */
    private final Map<String, Long> due = new HashMap<>();
    /** When each set may have its next pass, in nanoseconds. */
    private final Map<String, Long> earliest = new HashMap<>();

    private boolean closed;

    /**
     * A loop that {@link #start} begins.
     *
     * @param sets the names of all sets
     * @param pass makes a pass over a set, and says when the next one is due
     */
    public SetLoop(Supplier<Set<String>> sets, Function<String, Duration> pass) {
        this.sets = sets;
        this.pass = pass;
    }

    /** Begins. */
    public void start() {
        changed();
        thread.start();
    }

    @Override
    public synchronized void changed(String set) {
        due.merge(set, System.nanoTime(), Math::min);
        notifyAll();
    }

    @Override
    public synchronized void changed() {
        sets.get().forEach(this::changed);
    }

    /** How many sets wait for a pass. */
    public synchronized int waiting() {
        long now = System.nanoTime();
        return (int) due.values().stream().filter(time -> time - now <= 0).count();
    }

    private void run() {
        try {
            for (Optional<String> set = next(); set.isPresent(); set = next()) {
                heartbeat.begin();
                Duration again = passOver(set.get());
                heartbeat.end();
                ended(set.get(), again);
            }
        } catch (InterruptedException e) {
            log.atDebug().log("no more passes");
        } catch (Throwable t) {
            heartbeat.ended(t);
            throw t;
        }
    }

    private Duration passOver(String set) {
        try {
            return pass.apply(set);
        } catch (RuntimeException e) {
            log.atWarn().addKeyValue("set", set).log("a pass failed, will retry: {}", e.toString());
            log.atDebug().setCause(e).log("a pass failed");
            return AFTER_FAILURE;
        }
    }

    private synchronized Optional<String> next() throws InterruptedException {
        while (!closed) {
            long now = System.nanoTime();
            Optional<Map.Entry<String, Long>> first = due.entrySet().stream()
                    .map(entry -> Map.entry(entry.getKey(), allowed(entry, now)))
                    .min(Comparator.comparingLong(entry -> entry.getValue() - now));
            long wait = first.map(entry -> entry.getValue() - now).orElse(UNASKED.toNanos());
            if (first.isPresent() && wait <= 0) {
                due.remove(first.get().getKey());
                return Optional.of(first.get().getKey());
            }
            wait(Math.max(1, Duration.ofNanos(wait).toMillis()));
        }
        return Optional.empty();
    }

    private long allowed(Map.Entry<String, Long> set, long now) {
        long time = earliest.getOrDefault(set.getKey(), now);
        return time - set.getValue() > 0 ? time : set.getValue();
    }

    private synchronized void ended(String set, Duration again) {
        long now = System.nanoTime();
        if (!sets.get().contains(set)) {
            earliest.remove(set);
            return;
        }
        earliest.put(set, now + BETWEEN.toNanos());
        Duration next = again.compareTo(UNASKED) < 0 ? again : UNASKED;
        due.merge(set, now + next.toNanos(), Math::min);
    }

    public Heartbeat heartbeat() {
        return heartbeat;
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        thread.interrupt();
    }
}
