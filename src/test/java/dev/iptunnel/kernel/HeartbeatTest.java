package dev.iptunnel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HeartbeatTest {
    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE);
    private final Heartbeat heartbeat = new Heartbeat("kernel-watch", clock::get);

    private void pass(Duration time) {
        clock.addAndGet(time.toNanos());
    }

    @Test
    void a_thread_that_waits_for_work_is_never_late() {
        heartbeat.begin();
        heartbeat.end();
        pass(Duration.ofDays(100));

        assertThat(heartbeat.trouble()).isEmpty();
    }

    @Test
    void a_thread_that_is_at_one_piece_of_work_for_too_long_is_named() {
        heartbeat.begin();
        pass(Heartbeat.LONGEST);
        assertThat(heartbeat.trouble()).isEmpty();

        pass(Duration.ofSeconds(1));

        assertThat(heartbeat.trouble())
                .hasValueSatisfying(text -> assertThat(text).startsWith("thread kernel-watch is stuck for 301 s, at "));
    }

    @Test
    void progress_is_no_trouble_however_long_the_work_takes() {
        heartbeat.begin();
        for (int i = 0; i < 100; i++) {
            pass(Heartbeat.LONGEST);
            Heartbeat.progress();
        }

        assertThat(heartbeat.trouble()).isEmpty();
    }

    @Test
    void progress_of_a_thread_without_a_heartbeat_is_nothing() {
        heartbeat.begin();
        heartbeat.end();

        Heartbeat.progress();
        pass(Duration.ofDays(1));

        assertThat(heartbeat.trouble()).isEmpty();
    }

    @Test
    void a_thread_that_waits_for_another_that_works_is_not_the_one_that_is_stuck() throws Exception {
        Object monitor = new Object();
        CountDownLatch begun = new CountDownLatch(1);
        Thread waiting;
        synchronized (monitor) {
            waiting = Thread.ofPlatform().start(() -> {
                heartbeat.begin();
                begun.countDown();
                synchronized (monitor) {
                    heartbeat.end();
                }
            });
            begun.await();
            while (waiting.getState() != Thread.State.BLOCKED) {
                Thread.sleep(Duration.ofMillis(1));
            }
            pass(Duration.ofDays(1));

            assertThat(heartbeat.trouble()).isEmpty();
        }
        waiting.join();
    }

    @Test
    void a_thread_that_says_that_it_waits_is_late_only_if_its_work_takes_long_afterwards() {
        heartbeat.begin();
        Heartbeat.whileWaiting(() -> {
            pass(Duration.ofDays(1));
            assertThat(heartbeat.trouble()).isEmpty();
        });
        pass(Heartbeat.LONGEST);
        assertThat(heartbeat.trouble()).isEmpty();

        pass(Duration.ofSeconds(1));

        assertThat(heartbeat.trouble()).isPresent();
    }

    @Test
    void threads_that_wait_for_each_others_locks_and_say_so_are_stuck() throws Exception {
        ReentrantLock first = new ReentrantLock();
        ReentrantLock second = new ReentrantLock();
        CountDownLatch both = new CountDownLatch(2);
        lockBoth(first, second, both);
        lockBoth(second, first, both);
        while (!first.hasQueuedThreads() || !second.hasQueuedThreads()) {
            Thread.sleep(Duration.ofMillis(1));
        }

        pass(Duration.ofDays(1));

        assertThat(heartbeat.trouble()).isPresent();
    }

    private void lockBoth(ReentrantLock first, ReentrantLock second, CountDownLatch both) {
        Thread.ofPlatform().daemon().start(() -> {
            heartbeat.begin();
            first.lock();
            both.countDown();
            try {
                both.await();
            } catch (InterruptedException e) {
                return;
            }
            Heartbeat.whileWaiting(second::lock);
        });
    }

    @Test
    void a_helper_is_watched_as_the_thread_that_waits_for_it() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        heartbeat.begin();
        Thread helper = Thread.ofPlatform().daemon().start(Heartbeat.shared(() -> {
            begun.countDown();
            while (end.getCount() > 0) {
                Thread.onSpinWait();
            }
        }));
        begun.await();

        Heartbeat.whileWaiting(() -> {
            pass(Heartbeat.LONGEST);
            assertThat(heartbeat.trouble()).isEmpty();
            pass(Duration.ofSeconds(1));
            assertThat(heartbeat.trouble()).isPresent();
        });

        end.countDown();
        helper.join();
        assertThat(heartbeat.trouble()).isEmpty();
    }

    @Test
    void threads_that_wait_for_each_other_are_stuck() throws Exception {
        Object first = new Object();
        Object second = new Object();
        CountDownLatch both = new CountDownLatch(2);
        Thread one = lockBoth(first, second, both);
        Thread other = lockBoth(second, first, both);
        while (one.getState() != Thread.State.BLOCKED || other.getState() != Thread.State.BLOCKED) {
            Thread.sleep(Duration.ofMillis(1));
        }

        pass(Duration.ofDays(1));

        assertThat(heartbeat.trouble()).isPresent();
    }

    private Thread lockBoth(Object first, Object second, CountDownLatch both) {
        return Thread.ofPlatform().daemon().start(() -> {
            heartbeat.begin();
            synchronized (first) {
                both.countDown();
                try {
                    both.await();
                } catch (InterruptedException e) {
                    return;
                }
                synchronized (second) {
                    heartbeat.end();
                }
            }
        });
    }
}
