package dev.iptunnel.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SweepsTest {
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final Semaphore swept = new Semaphore(0);
    private final Sweeps sweeps = new Sweeps(thread, swept::release);

    @AfterEach
    void close() {
        thread.shutdownNow();
    }

    private boolean isSwept() throws InterruptedException {
        return swept.tryAcquire(30, TimeUnit.SECONDS);
    }

    @Test
    void a_thousand_objects_missing_from_a_list_cause_one_look() throws InterruptedException {
        for (int missing = 0; missing < 1000; missing++) {
            sweeps.request();
        }

        assertThat(isSwept()).isTrue();
        thread.shutdown();
        assertThat(thread.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        assertThat(swept.availablePermits()).isZero();
    }

    @Test
    void a_request_after_a_look_causes_another() throws InterruptedException {
        sweeps.request();
        assertThat(isSwept()).isTrue();

        sweeps.request();

        assertThat(isSwept()).isTrue();
    }
}
