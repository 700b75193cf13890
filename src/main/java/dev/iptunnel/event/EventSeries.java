package dev.iptunnel.event;

import dev.iptunnel.schedule.Clocks;
import java.time.Duration;
import java.time.Instant;

/** An Event that was written, and how often its occurrence has been repeated. */
final class EventSeries {
    /** The same time as in client-go. */
    static final Duration REMEMBERED = Duration.ofMinutes(6);

    private final String event;
    private int count = 1;
    private int written = 1;
    private Moment last;

    /**
     * One point in time.
     *
     * @param wall the time for people
     * @param steady the time for durations
     */
    record Moment(Instant wall, Instant steady) {
        static Moment now(Clocks clocks) {
            return new Moment(clocks.wall().instant(), clocks.steady().instant());
        }
    }

    /** @param event the name of the Event */
    EventSeries(String event, Moment first) {
        this.event = event;
        last = first;
    }

    String event() {
        return event;
    }

    int count() {
        return count;
    }

    Moment last() {
        return last;
    }

    void again(Moment now) {
        count++;
        last = now;
    }

    /** The Event now contains the count. */
    void written() {
        written = count;
    }

    boolean isWritten() {
        return written == count;
    }

    /** Whether the Event does not say yet that the occurrence was repeated. */
    boolean isNew() {
        return written == 1;
    }

    boolean isOver(Moment now) {
        return Duration.between(last.steady(), now.steady()).compareTo(REMEMBERED) >= 0;
    }
}
