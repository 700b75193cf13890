package dev.iptunnel.agent.event;

import dev.iptunnel.agent.event.EventSeries.Moment;
import dev.iptunnel.agent.schedule.Clocks;
import dev.iptunnel.agent.schedule.WatchedScheduler;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.kernel.Heartbeat;
import io.fabric8.kubernetes.api.model.HasMetadata;
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
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes Events (events.k8s.io/v1) on IpTunnels, in namespace {@code default}, where Kubernetes requires the Events of
 * cluster-scoped objects. An occurrence that repeats within six minutes is counted in the series of the existing Event,
 * which is written at the first repetition and then at most once a minute. A tunnel gets at most {@value #MOST_OF_ONE}
 * Events in six minutes, and at most {@value #QUEUE} wait to be written; further ones are only logged. If
 * {@value #MOST_REMEMBERED} Events are remembered, further ones have no series.
 */
final class EventWriter implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EventWriter.class);
    private static final String NAMESPACE = "default";
    private static final String CONTROLLER = "iptunnel.dev/agent";
    private static final DateTimeFormatter MICROSECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    private static final int QUEUE = 1000;
    private static final int MOST_OF_ONE = 25;
    private static final int MOST_REMEMBERED = 10_000;
    private static final Duration BETWEEN_WRITES = Duration.ofMinutes(1);

    private final KubernetesClient client;
    private final String nodeName;
    private final Clocks clocks;
    private final int mostRemembered;
    /**
     * Part of an Event's name: follows that of an earlier process, and differs from it even if the clock was set back.
     */
    private final AtomicLong serial;

    /** Only the one thread of {@link #thread} uses it. */
    private final Map<Occurrence, EventSeries> recent = new HashMap<>();

    private final WatchedScheduler thread = new WatchedScheduler("events");

    private final Future<?> periodic;

    EventWriter(KubernetesClient client, String nodeName, Clocks clocks) {
        this(client, nodeName, clocks, MOST_REMEMBERED);
    }

    EventWriter(KubernetesClient client, String nodeName, Clocks clocks, int mostRemembered) {
        this.client = client;
        this.nodeName = nodeName;
        this.clocks = clocks;
        this.mostRemembered = mostRemembered;
        long millisecond = TimeUnit.MILLISECONDS.toNanos(1);
        serial = new AtomicLong(clocks.wall().millis() * millisecond
                + ThreadLocalRandom.current().nextLong(millisecond));
        periodic = thread.scheduleWithFixedDelay(
                this::writeSeries, BETWEEN_WRITES.toMillis(), BETWEEN_WRITES.toMillis(), TimeUnit.MILLISECONDS);
    }

    void write(Occurrence occurrence) {
        if (thread.getQueue().size() > QUEUE) {
            logOnly(occurrence, "too many Events wait");
            return;
        }
        Moment now = Moment.now(clocks);
        try {
            thread.execute(() -> occurred(occurrence, now));
        } catch (RejectedExecutionException closed) {
            logOnly(occurrence, "the agent stops");
        }
    }

    private void occurred(Occurrence occurrence, Moment now) {
        EventSeries series = recent.get(occurrence);
        if (series == null || series.isOver(now)) {
            create(occurrence, now);
        } else {
            series.again(now);
            if (series.isNew()) {
                write(occurrence, series);
            }
        }
    }

    private void create(Occurrence occurrence, Moment now) {
        recent.remove(occurrence);
        if (eventsOn(occurrence.uid(), now) >= MOST_OF_ONE) {
            logOnly(occurrence, "the tunnel has too many Events");
            return;
        }
        Event event = event(occurrence, now);
        try {
            client.resource(event).create();
            if (recent.size() < mostRemembered) {
                recent.put(occurrence, new EventSeries(event.getMetadata().getName(), now));
            }
        } catch (KubernetesClientException e) {
            logOnly(occurrence, String.valueOf(e.getMessage()));
        }
    }

    private long eventsOn(String uid, Moment now) {
        return recent.entrySet().stream()
                .filter(entry ->
                        entry.getKey().uid().equals(uid) && !entry.getValue().isOver(now))
                .count();
    }

    private Event event(Occurrence occurrence, Moment now) {
        return new EventBuilder()
                .withNewMetadata()
                .withName(occurrence.name() + "." + Long.toHexString(serial.incrementAndGet()))
                .withNamespace(NAMESPACE)
                .endMetadata()
                .withEventTime(new MicroTime(MICROSECONDS.format(now.wall())))
                .withReportingController(CONTROLLER)
                .withReportingInstance(nodeName)
                .withType(occurrence.type())
                .withReason(occurrence.reason())
                .withAction(occurrence.action())
                .withNote(occurrence.note())
                .withNewRegarding()
                .withApiVersion(HasMetadata.getApiVersion(IpTunnel.class))
                .withKind(HasMetadata.getKind(IpTunnel.class))
                .withName(occurrence.name())
                .withUid(occurrence.uid())
                .endRegarding()
                .build();
    }

    private void writeSeries() {
        Moment now = Moment.now(clocks);
        Map.copyOf(recent).forEach((occurrence, series) -> {
            if (!series.isWritten()) {
                write(occurrence, series);
                Heartbeat.progress();
            }
            if (series.isOver(now)) {
                recent.remove(occurrence, series);
            }
        });
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
                logOnly(occurrence, String.valueOf(e.getMessage()));
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

    private static void logOnly(Occurrence occurrence, String why) {
        log.atWarn()
                .addKeyValue("tunnel", occurrence.name())
                .log("Event {} not written, {}: {}", occurrence.reason(), why, occurrence.note());
    }

    Heartbeat heartbeat() {
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
