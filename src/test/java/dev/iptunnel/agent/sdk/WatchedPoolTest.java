package dev.iptunnel.agent.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WatchedPoolTest {
    private final WatchedPool pool = new WatchedPool("reconciler", 2);

    @AfterEach
    void close() {
        pool.shutdownNow();
    }

    @Test
    void a_reconciler_thread_that_ends_with_an_error_is_reported() throws InterruptedException {
        // when
        pool.execute(() -> {
            throw new OutOfMemoryError();
        });

        // then
        while (pool.heartbeat().trouble().isEmpty()) {
            Thread.sleep(Duration.ofMillis(10));
        }
        assertThat(pool.heartbeat().trouble()).contains("thread reconciler ended: java.lang.OutOfMemoryError");
    }
}
