package dev.iptunnel.agent.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.health.AgentHealth;
import java.time.Duration;
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
    private final WatchedPool pool = new WatchedPool("reconciler", 2);

    WatchedThreadsTest() {
        health.watch(() -> java.util.List.of(scheduler.heartbeat(), pool.heartbeat()));
    }

    @AfterEach
    void close() {
        scheduler.shutdownNow();
        pool.shutdownNow();
    }

    private void awaitSickness() throws InterruptedException {
        while (health.sickness().isEmpty()) {
            Thread.sleep(Duration.ofMillis(10));
        }
    }

    @Test
    void a_periodic_task_that_ends_by_an_error_is_told() throws Exception {
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
    void a_periodic_task_that_ends_by_an_exception_is_told() throws Exception {
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
    void one_task_that_fails_by_an_exception_leaves_the_thread_at_work() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        scheduler.execute(() -> {
            throw new IllegalStateException("oops");
        });
        scheduler.execute(done::countDown);

        assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(health.sickness()).isEmpty();
    }

    @Test
    void one_task_that_fails_by_an_error_is_told() throws Exception {
        scheduler.execute(() -> {
            throw new NoClassDefFoundError("X");
        });

        awaitSickness();

        assertThat(health.sickness()).contains("thread resync ended: java.lang.NoClassDefFoundError: X");
    }

    @Test
    void a_reconciler_that_ends_by_an_error_is_told() throws Exception {
        pool.execute(() -> {
            throw new OutOfMemoryError();
        });

        awaitSickness();

        assertThat(health.sickness()).contains("thread reconciler ended: java.lang.OutOfMemoryError");
    }

    @Test
    void an_error_in_any_other_thread_is_told_and_an_exception_is_not() {
        health.uncaught(Thread.currentThread(), new IllegalStateException());
        assertThat(health.sickness()).isEmpty();

        health.uncaught(Thread.ofPlatform().name("okay").unstarted(() -> {}), new LinkageError("bad"));

        assertThat(health.sickness()).contains("thread okay ended: java.lang.LinkageError: bad");
    }
}
