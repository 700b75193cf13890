package dev.iptunnel.apiserver;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** When the API server was last heard of, and since when its watches are open. Thread-safe. */
public final class ApiServerContact {
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final Map<String, Watch> watches = new ConcurrentHashMap<>();
    /** When something last arrived on the watch, by resource, on the monotonic clock. */
    private final Map<String, Long> arrivals = new ConcurrentHashMap<>();

    private volatile Optional<Instant> last = Optional.empty();

    /**
     * A watch of one resource.
     *
     * @param restarts how often it was opened again
     * @param open whether it is open
     * @param since when it was opened, or ended
     */
    public record Watch(long restarts, boolean open, Instant since) {}

    public ApiServerContact(Clock clock) {
        this(clock, System::nanoTime);
    }

    ApiServerContact(Clock clock, LongSupplier nanoTime) {
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** When an answer, an event or a pong last arrived. */
    public Optional<Instant> last() {
        return last;
    }

    /** By resource, such as {@code iptunnels}; those that were ever open. */
    public Map<String, Watch> watches() {
        return new TreeMap<>(watches);
    }

    /**
     * For how long nothing has arrived on the watch of a resource, not even a pong; empty if it was never open. At most a
     * little more than the 15 seconds between two pings while the watch is alive.
     */
    public Optional<Duration> silence(String resource) {
        return Optional.ofNullable(arrivals.get(resource))
                .map(arrival -> Duration.ofNanos(nanoTime.getAsLong() - arrival));
    }

    /** How often the watch of each resource was opened again. */
    public Map<String, Long> restarts() {
        return watches.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue()
                .restarts()));
    }

    void heard() {
        last = Optional.of(clock.instant());
    }

    void heard(URI watch) {
        heard();
        arrivals.put(resource(watch), nanoTime.getAsLong());
    }

    void opened(URI watch) {
        heard(watch);
        Instant now = clock.instant();
        watches.merge(
                resource(watch), new Watch(0, true, now), (before, _) -> new Watch(before.restarts() + 1, true, now));
    }

    void ended(URI watch) {
        Instant now = clock.instant();
        watches.computeIfPresent(resource(watch), (_, before) -> new Watch(before.restarts(), false, now));
    }

    /** The last part of the path. */
    private static String resource(URI watch) {
        String path = watch.getPath();
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
