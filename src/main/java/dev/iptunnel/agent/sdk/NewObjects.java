package dev.iptunnel.agent.sdk;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.ResourceAction;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import io.javaoperatorsdk.operator.processing.event.source.controller.ResourceEvent;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Sends an event for each new object until the object has been reconciled, because the SDK may drop the event that says
 * that the object was created. The SDK keeps a state for each name, not for each object:
 *
 * <pre>
 * event                        the SDK's state of the name
 * DELETED, of the old object   "delete event present"; a thread reconciles the deletion
 * ADDED, of the new object     "additional event present"
 * the thread has finished      none: the state is removed, and the ADDED event with it
 * change in the kernel, timer  none: the SDK ignores an event for a name without a state
 * </pre>
 *
 * <p>Only an event of the object itself, a {@link ResourceEvent}, creates a state again. So this class sends one, first
 * after a delay, then after twice the delay, and so on. It stops when the object has been reconciled, or is gone. The
 * delay is short where an object of the same name was deleted, and long elsewhere: many objects that are created at once
 * wait for their turns, and none of them is lost.
 */
public final class NewObjects extends SimpleInboundEventSource<IpTunnel> implements ResourceEventAware<IpTunnel> {
    /** Normally the SDK has reconciled a new object by then, and nothing is sent. */
    private static final Duration AFTER_SUCCESSION = Duration.ofMillis(500);

    /** Of an object that has no predecessor. */
    private static final Duration AFTER_CREATION = Duration.ofSeconds(30);
    /** Longer than a deletion is reconciled. */
    private static final Duration REMEMBERED = Duration.ofMinutes(10);

    private static final int FEW = 64;
    /** The SDK needs about this long to finish with a deletion after the reconciler has returned. */
    private static final Duration AFTER_DELETION = Duration.ofMillis(10);

    private final Predicate<IpTunnel> isUnreconciled;
    private final Duration afterCreation;
    /** The names of objects that were deleted lately, each with the time by {@link System#nanoTime}. */
    private final Map<String, Long> deleted = new ConcurrentHashMap<>();

    private volatile int mostDeleted = FEW;

    /** @param isUnreconciled whether this object (not only one of its name) exists and has not been reconciled */
    public NewObjects(Predicate<IpTunnel> isUnreconciled) {
        this(isUnreconciled, AFTER_CREATION);
    }

    NewObjects(Predicate<IpTunnel> isUnreconciled, Duration afterCreation) {
        super("new");
        this.isUnreconciled = isUnreconciled;
        this.afterCreation = afterCreation;
    }

    /** Called by the SDK for each object that it had not seen before. */
    @Override
    public void onResourceCreated(IpTunnel tunnel) {
        boolean hasPredecessor = deleted.containsKey(tunnel.getMetadata().getName());
        sendAfter(hasPredecessor ? AFTER_SUCCESSION : afterCreation, tunnel);
    }

    @Override
    public void onResourceDeleted(IpTunnel tunnel) {
        long now = System.nanoTime();
        deleted.put(tunnel.getMetadata().getName(), now);
        if (deleted.size() > mostDeleted) {
            deleted.values().removeIf(then -> now - then > REMEMBERED.toNanos());
            mostDeleted = FEW + 2 * deleted.size();
        }
    }

    /** The deletion of the object's predecessor is being reconciled, so the SDK will drop the object's event. */
    public void isSuccessor(IpTunnel tunnel) {
        sendAfter(AFTER_DELETION, tunnel);
    }

    private void sendAfter(Duration delay, IpTunnel tunnel) {
        CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> {
                    if (isUnreconciled.test(tunnel)) {
                        getEventHandler()
                                .handleEvent(new ResourceEvent(
                                        ResourceAction.UPDATED, ResourceID.fromResource(tunnel), tunnel));
                        sendAfter(delay.multipliedBy(2), tunnel);
                    }
                });
    }
}
