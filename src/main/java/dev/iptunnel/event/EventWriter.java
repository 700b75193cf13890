package dev.iptunnel.event;

import dev.iptunnel.event.EventSeries.Moment;
import dev.iptunnel.kernel.Heartbeat;
import dev.iptunnel.schedule.Clocks;
import dev.iptunnel.schedule.WatchedScheduler;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes Events (events.k8s.io/v1) on objects of one kind, in namespace {@code default}, where Kubernetes requires the Events of
 * cluster-scoped objects. An occurrence that repeats within six minutes is counted in the series of the existing Event,
 * which is written at the first repetition and then at most once a minute. An object gets at most {@value #MOST_OF_ONE}
 * Events in six minutes, and at most {@value #MOST_WAITING} wait to be written; further ones are only logged, and counted. If
 * {@value #MOST_REMEMBERED} Events are remembered, further ones have no series. While objects wait to be reconciled,
 * Events wait as well, for half a minute at most: statuses come first.
 */
public final class EventWriter implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EventWriter.class);
    private static final String NAMESPACE = "default";
    private static final DateTimeFormatter MICROSECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    private static final int MOST_WAITING = 10_000;
    private static final int MOST_OF_ONE = 25;
    private static final int MOST_REMEMBERED = 10_000;
    private static final Duration BETWEEN_WRITES = Duration.ofMinutes(1);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMillis(20);

    /**
     * Who reports, and on what kind of object.
     *
     * @param controller {@code reportingController}
     * @param instance {@code reportingInstance}, which is cut if it is longer than the API server permits
     * @param logKey the key of the object's name in the log
     */
    public record Reporter(String controller, String instance, String apiVersion, String kind, String logKey) {
        private static final int LONGEST_INSTANCE = 128;

        public Reporter {
            instance = Utf8.atMost(LONGEST_INSTANCE, instance);
        }
    }

    private final KubernetesClient client;
    private final Reporter reporter;
    private final Clocks clocks;
    private final BooleanSupplier busy;
    private final Consumer<Unwritten> unwritten;
    private final int mostWaiting;
    /**
     * Part of an Event's name: follows that of an earlier process, and differs from it even if the clock was set back.
     */
    private final AtomicLong serial;

    /** Only the one thread of {@link #thread} uses it. */
    private final RecentEvents recent;

    private final WatchedScheduler thread = new WatchedScheduler("events");

    private final Future<?> periodic;

    /**
     * Starts to write.
     *
     * @param busy whether objects wait to be reconciled
     * @param unwritten counts what is only logged
     */
    public EventWriter(
            KubernetesClient client,
            Reporter reporter,
            Clocks clocks,
            BooleanSupplier busy,
            Consumer<Unwritten> unwritten) {
        this(client, reporter, clocks, busy, unwritten, MOST_WAITING, MOST_REMEMBERED);
    }

    EventWriter(
            KubernetesClient client,
            Reporter reporter,
            Clocks clocks,
            BooleanSupplier busy,
            Consumer<Unwritten> unwritten,
            int mostWaiting,
            int mostRemembered) {
        this.client = client;
        this.reporter = reporter;
        this.clocks = clocks;
        this.busy = busy;
        this.unwritten = unwritten;
        this.mostWaiting = mostWaiting;
        this.recent = new RecentEvents(mostRemembered);
        long millisecond = TimeUnit.MILLISECONDS.toNanos(1);
        serial = new AtomicLong(clocks.wall().millis() * millisecond
                + ThreadLocalRandom.current().nextLong(millisecond));
        periodic = thread.scheduleWithFixedDelay(
                this::writeSeries, BETWEEN_WRITES.toMillis(), BETWEEN_WRITES.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Writes it soon, or counts it. */
    public void write(Occurrence occurrence) {
        if (thread.getQueue().size() > mostWaiting) {
            logOnly(occurrence, Unwritten.QUEUE_FULL);
            return;
        }
        Moment now = Moment.now(clocks);
        try {
            thread.execute(() -> occurred(occurrence, now));
        } catch (RejectedExecutionException closed) {
            logOnly(occurrence, Unwritten.STOPPING);
        }
    }

    private void occurred(Occurrence occurrence, Moment when) {
        awaitStatuses(when);
        Optional<EventSeries> known = recent.of(occurrence).filter(series -> !series.isOver(when));
        known.ifPresentOrElse(series -> again(occurrence, series, when), () -> create(occurrence, when));
    }

    private void awaitStatuses(Moment occurred) {
        while (busy.getAsBoolean()
                && Duration.between(occurred.steady(), clocks.steady().instant())
                                .compareTo(LONGEST_WAIT)
                        < 0
                && !thread.isShutdown()) {
            Heartbeat.progress();
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private void again(Occurrence occurrence, EventSeries series, Moment when) {
        series.again(when);
        if (series.isNew()) {
            write(occurrence, series);
        }
    }

    private void create(Occurrence occurrence, Moment now) {
        recent.forget(occurrence);
        if (recent.countOf(occurrence.uid(), now) >= MOST_OF_ONE) {
            logOnly(occurrence, Unwritten.TOO_MANY_OF_TUNNEL);
            return;
        }
        Event event = event(occurrence, now);
        try {
            client.resource(event).create();
            recent.remember(occurrence, new EventSeries(event.getMetadata().getName(), now));
        } catch (KubernetesClientException e) {
            refused(occurrence, e);
        }
    }

    private Event event(Occurrence occurrence, Moment now) {
        return new EventBuilder()
                .withNewMetadata()
                .withName(occurrence.name() + "." + Long.toHexString(serial.incrementAndGet()))
                .withNamespace(NAMESPACE)
                .endMetadata()
                .withEventTime(new MicroTime(MICROSECONDS.format(now.wall())))
                .withReportingController(reporter.controller())
                .withReportingInstance(reporter.instance())
                .withType(occurrence.type())
                .withReason(occurrence.reason())
                .withAction(occurrence.action())
                .withNote(occurrence.note())
                .withNewRegarding()
                .withApiVersion(reporter.apiVersion())
                .withKind(reporter.kind())
                .withName(occurrence.name())
                .withUid(occurrence.uid())
                .endRegarding()
                .build();
    }

    private void writeSeries() {
        Moment now = Moment.now(clocks);
        for (Map.Entry<Occurrence, EventSeries> entry : recent.all()) {
            if (!entry.getValue().isWritten()) {
                write(entry.getKey(), entry.getValue());
                Heartbeat.progress();
            }
            // What was written may have been forgotten, and remembered anew.
            if (recent.of(entry.getKey()).filter(series -> series.isOver(now)).isPresent()) {
                recent.forget(entry.getKey());
            }
        }
    }

    /** The API server permits no other change of an Event. */
    private void write(Occurrence occurrence, EventSeries series) {
        String patch = "{\"series\":{\"count\":%d,\"lastObservedTime\":\"%s\"}}"
                .formatted(series.count(), MICROSECONDS.format(series.last().wall()));
        try {
            client.resource(named(series.event())).patch(PatchContext.of(PatchType.JSON_MERGE), patch);
            series.written();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                create(occurrence, series.last());
            } else {
                refused(occurrence, e);
            }
        }
    }

    /** With the name alone the client would read the Event before the patch, and the agent may not read Events. */
    private static Event named(String name) {
        return new EventBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(NAMESPACE)
                .endMetadata()
                .build();
    }

    private void refused(Occurrence occurrence, KubernetesClientException e) {
        log.atDebug().setCause(e).log("an Event was not taken");
        logOnly(occurrence, Unwritten.REFUSED, Unwritten.REFUSED + ": " + e.getMessage());
    }

    private void logOnly(Occurrence occurrence, Unwritten why) {
        logOnly(occurrence, why, why.toString());
    }

    private void logOnly(Occurrence occurrence, Unwritten why, String detail) {
        unwritten.accept(why);
        log.atWarn()
                .addKeyValue(reporter.logKey(), occurrence.name())
                .log("Event {} not written, {}: {}", occurrence.reason(), detail, occurrence.note());
    }

    public Heartbeat heartbeat() {
        return thread.heartbeat();
    }

    @Override
    public void close() {
        periodic.cancel(false);
        try {
            thread.execute(this::writeSeries);
        } catch (RejectedExecutionException closedBefore) {
            return;
        }
        thread.shutdown();
        try {
            if (!thread.awaitTermination(2, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
