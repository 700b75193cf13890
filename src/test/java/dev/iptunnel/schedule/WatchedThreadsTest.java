package dev.iptunnel.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.health.AgentHealth;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WatchedThreadsTest {
    private final AgentHealth health = new AgentHealth();
    private final WatchedScheduler scheduler = new WatchedScheduler("resync");

    WatchedThreadsTest() {
        health.watch(() -> List.of(scheduler.heartbeat()));
    }

    @AfterEach
    void close() {
        scheduler.shutdownNow();
    }

    private void awaitSickness() throws InterruptedException {
        while (health.sickness().isEmpty()) {
            Thread.sleep(Duration.ofMillis(10));
        }
    }

    @Test
    void a_periodic_task_that_ends_with_an_error_is_reported() throws Exception {
        Future<?> unused = scheduler.scheduleWithFixedDelay(
                () -> health.guard(() -> {
                    throw new StackOverflowError();
                }),
                0,
                1,
                TimeUnit.MILLISECONDS);

        awaitSickness();

        assertThat(health.sickness()).contains("thread resync ended: java.lang.StackOverflowError");
        assertThat(health.unreadiness()).isEqualTo(health.sickness());
    }

    @Test
    void a_periodic_task_that_ends_with_an_exception_is_reported() throws Exception {
        Future<?> unused = scheduler.scheduleWithFixedDelay(
                () -> {
                    throw new IllegalStateException("oops");
                },
                0,
                1,
                TimeUnit.MILLISECONDS);

        awaitSickness();

        assertThat(health.sickness()).contains("thread resync ended: java.lang.IllegalStateException: oops");
    }

    @Test
    void the_thread_continues_after_a_single_task_fails_with_an_exception() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        scheduler.execute(() -> {
            throw new IllegalStateException("oops");
        });
        scheduler.execute(done::countDown);

        assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(health.sickness()).isEmpty();
    }

    @Test
    void a_single_task_that_fails_with_an_error_is_reported() throws Exception {
        scheduler.execute(() -> {
            throw new NoClassDefFoundError("X");
        });

        awaitSickness();

        assertThat(health.sickness()).contains("thread resync ended: java.lang.NoClassDefFoundError: X");
    }

    @Test
    void an_error_in_any_other_thread_is_reported_and_an_exception_is_not() {
        health.uncaught(Thread.currentThread(), new IllegalStateException());
        assertThat(health.sickness()).isEmpty();

        health.uncaught(Thread.ofPlatform().name("okay").unstarted(() -> {}), new LinkageError("bad"));

        assertThat(health.sickness()).contains("thread okay ended: java.lang.LinkageError: bad");
    }
}
