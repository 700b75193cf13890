package dev.iptunnel.agent;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.ObservedLink;
import dev.iptunnel.tunnel.Operation;
import dev.iptunnel.tunnel.Plan;
import dev.iptunnel.tunnel.Refusal;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes Events (events.k8s.io/v1) on IpTunnels, in namespace {@code default}, where those of cluster-scoped objects have
 * to live. It works in a thread of its own; when more than {@value #QUEUE} wait, further ones are only logged.
 */
final class EventRecorder implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EventRecorder.class);
    private static final String NAMESPACE = "default";
    private static final String CONTROLLER = "iptunnel.dev/agent";
    private static final DateTimeFormatter MICROSECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    private static final int QUEUE = 1000;
    private static final int MAX_NOTE = 1024;

    private final KubernetesClient client;
    private final String nodeName;
    private final Clock clock;
    /** Part of an Event's name, so it goes on where an earlier process stopped. */
    private final AtomicLong serial;

    private final ThreadPoolExecutor writer = new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUE),
            Thread.ofPlatform().daemon().name("events").factory());

    EventRecorder(KubernetesClient client, String nodeName, Clock clock) {
        this.client = client;
        this.nodeName = nodeName;
        this.clock = clock;
        serial = new AtomicLong(TimeUnit.MILLISECONDS.toNanos(clock.millis()));
    }

    /** The kernel was changed; says by which commands. */
    void executed(IpTunnel tunnel, Plan plan) {
        boolean adds = plan.operations().stream().anyMatch(Operation.AddTunnel.class::isInstance);
        String reason = !adds ? "TunnelChanged" : plan.disruption().isPresent() ? "TunnelRecreated" : "TunnelCreated";
        write(reference(tunnel), "Normal", reason, "Program", plan.toString().strip());
    }

    /** Somebody else had changed the kernel; says what put it right. */
    void repaired(IpTunnel tunnel, Plan plan) {
        write(
                reference(tunnel),
                "Normal",
                "TunnelRepaired",
                "Program",
                "somebody else changed it: " + plan.toString().strip());
    }

    /** The kernel is about to be changed in a way that interrupts traffic, of this tunnel or of others. */
    void interrupts(IpTunnel tunnel, Plan plan) {
        plan.disruption().ifPresent(why -> interrupted(reference(tunnel), why));
        plan.displaced()
                .forEach(other -> interrupted(
                        reference(other.owner().name(), other.owner().uid()), other.what()));
    }

    private void interrupted(ObjectReference regarding, String why) {
        write(regarding, "Warning", "TrafficInterrupted", "Program", why);
    }

    /** The kernel was left as it is, or refused. */
    void refused(IpTunnel tunnel, Refusal refusal) {
        write(reference(tunnel), "Warning", refusal.reason().toString(), "Program", refusal.message());
    }

    /** The object went, and its tunnel with it, or it stays without our mark. */
    void deleted(Mark mark, ObservedLink link) {
        boolean retained = mark.deletionPolicy() == DeletionPolicy.RETAIN;
        write(
                reference(mark.name(), mark.uid()),
                "Normal",
                retained ? "TunnelRetained" : "TunnelDeleted",
                "Delete",
                (retained ? "left, and unmarked, interface " : "removed interface ") + link.name() + " (ifindex "
                        + link.index() + ")");
    }

    private static ObjectReference reference(IpTunnel tunnel) {
        return reference(tunnel.getMetadata().getName(), tunnel.getMetadata().getUid());
    }

    private static ObjectReference reference(String name, String uid) {
        return new ObjectReferenceBuilder()
                .withApiVersion(HasMetadata.getApiVersion(IpTunnel.class))
                .withKind(HasMetadata.getKind(IpTunnel.class))
                .withName(name)
                .withUid(uid)
                .build();
    }

    private void write(ObjectReference regarding, String type, String reason, String action, String note) {
        Event event = new EventBuilder()
                .withNewMetadata()
                .withName(regarding.getName() + "." + Long.toHexString(serial.incrementAndGet()))
                .withNamespace(NAMESPACE)
                .endMetadata()
                .withEventTime(new MicroTime(MICROSECONDS.format(clock.instant())))
                .withReportingController(CONTROLLER)
                .withReportingInstance(nodeName)
                .withType(type)
                .withReason(reason)
                .withAction(action)
                .withNote(note.length() <= MAX_NOTE ? note : note.substring(0, MAX_NOTE - 1) + "…")
                .withRegarding(regarding)
                .build();
        try {
            writer.execute(() -> create(event));
        } catch (RejectedExecutionException full) {
            log.atWarn().addKeyValue("tunnel", regarding.getName()).log("Event not written, too many wait: {}", note);
        }
    }

    private void create(Event event) {
        try {
            client.resource(event).create();
        } catch (KubernetesClientException e) {
            log.atWarn()
                    .addKeyValue("tunnel", event.getRegarding().getName())
                    .log("Event {} not written: {}", event.getReason(), e.getMessage());
        }
    }

    @Override
    public void close() {
        writer.shutdown();
        try {
            if (!writer.awaitTermination(2, TimeUnit.SECONDS)) {
                writer.shutdownNow();
            }
        } catch (InterruptedException e) {
            writer.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
