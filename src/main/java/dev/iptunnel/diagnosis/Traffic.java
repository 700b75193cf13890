package dev.iptunnel.diagnosis;

import java.time.Duration;
import java.util.Locale;

/**
 * What the counters did while they were watched.
 *
 * @param growth of each counter meanwhile
 * @param end the counters at the end
 */
public record Traffic(Duration duration, TrafficSample growth, TrafficSample end) {
    /** Between two samples. */
    public static Traffic of(Duration duration, TrafficSample before, TrafficSample after) {
        return new Traffic(duration, after.since(before), after);
    }

    /** The time in seconds, for a message. */
    String time() {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }
}
