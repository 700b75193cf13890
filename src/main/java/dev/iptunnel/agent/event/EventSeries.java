package dev.iptunnel.agent.event;

import dev.iptunnel.agent.schedule.Clocks;
import java.time.Duration;
import java.time.Instant;

/** An Event that was written, and how often what it tells has happened. */
final class EventSeries {
    /** As long as client-go. */
    static final Duration REMEMBERED = Duration.ofMinutes(6);

    private final String event;
    private int count = 1;
    private int written = 1;
    private Moment last;

    /**
     * One point in time.
     *
     * @param wall as people read it
     * @param steady to measure from
     */
    record Moment(Instant wall, Instant steady) {
        static Moment now(Clocks clocks) {
            return new Moment(clocks.wall().instant(), clocks.steady().instant());
        }
    }

    /** @param event its name */
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

    /** The count is in the Event. */
    void written() {
        written = count;
    }

    boolean isWritten() {
        return written == count;
    }

    /** The Event does not tell yet that it happened more than once. */
    boolean isNew() {
        return written == 1;
    }

    boolean isOver(Moment now) {
        return Duration.between(last.steady(), now.steady()).compareTo(REMEMBERED) >= 0;
    }
}
