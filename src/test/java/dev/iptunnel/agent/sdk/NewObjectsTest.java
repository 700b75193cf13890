package dev.iptunnel.agent.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.controller.ResourceEvent;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NewObjectsTest {
    /** The time until an object that has no predecessor is looked at. */
    private static final Duration AFTER_CREATION = Duration.ofSeconds(3);

    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final AtomicInteger looks = new AtomicInteger();
    private final CountDownLatch reconciled = new CountDownLatch(1);

    private NewObjects reconciledAtLook(int number) {
        NewObjects objects = new NewObjects(
                _ -> {
                    boolean unreconciled = looks.incrementAndGet() < number;
                    if (!unreconciled) {
                        reconciled.countDown();
                    }
                    return unreconciled;
                },
                AFTER_CREATION);
        objects.setEventHandler(events::add);
        objects.start();
        return objects;
    }

    private static NewObjects withPredecessor(NewObjects objects, IpTunnel predecessor) {
        objects.onResourceDeleted(predecessor);
        return objects;
    }

    private @Nullable Event nextEvent() throws InterruptedException {
        return events.poll(30, TimeUnit.SECONDS);
    }

    /** The SDK ignores every other event for a name without a state. */
    @Test
    void the_event_of_a_new_object_is_one_of_the_object_itself() throws InterruptedException {
        // given
        IpTunnel tunnel = Tunnels.ipip("to-berlin");

        // when
        withPredecessor(reconciledAtLook(2), tunnel).onResourceCreated(tunnel);

        // then
        assertThat(nextEvent()).isInstanceOfSatisfying(ResourceEvent.class, event -> {
            assertThat(event.getRelatedCustomResourceID()).isEqualTo(new ResourceID("to-berlin"));
            assertThat(event.getResource()).hasValue(tunnel);
        });
    }

    @Test
    void events_are_sent_until_the_new_object_is_reconciled() throws InterruptedException {
        // when
        IpTunnel tunnel = Tunnels.ipip("to-berlin");
        withPredecessor(reconciledAtLook(3), tunnel).onResourceCreated(tunnel);

        // then
        reconciled.await();
        assertThat(events).hasSize(2);
    }

    @Test
    void events_are_sent_for_the_successor_of_a_deleted_object() throws InterruptedException {
        // when
        reconciledAtLook(2).isSuccessor(Tunnels.ipip("to-berlin"));

        // then
        assertThat(nextEvent()).isNotNull();
    }

    @Test
    void an_object_without_a_predecessor_is_looked_at_later() throws InterruptedException {
        // given
        NewObjects objects = withPredecessor(reconciledAtLook(3), Tunnels.ipip("to-paris"));

        // when
        long start = System.nanoTime();
        objects.onResourceCreated(Tunnels.ipip("to-berlin"));

        // then
        assertThat(nextEvent()).isNotNull();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(AFTER_CREATION);
    }

    @Test
    void no_event_is_sent_for_a_new_object_that_the_SDK_reconciled() throws InterruptedException {
        // when
        reconciledAtLook(1).onResourceCreated(Tunnels.ipip("to-berlin"));

        // then
        reconciled.await();
        assertThat(events).isEmpty();
    }
}
