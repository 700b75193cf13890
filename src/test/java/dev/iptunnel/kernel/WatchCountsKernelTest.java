package dev.iptunnel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is counted when notifications come faster than they are read. */
@Tag("kernel")
class WatchCountsKernelTest {
    private static final int MANY = 8000;

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    @Test
    void an_overrun_is_counted_and_so_is_the_list_after_it() throws InterruptedException {
        // given
        CountDownLatch stuck = new CountDownLatch(1);
        node.kernel.watch(_ -> awaitQuietly(stuck));
        WatchCounts before = node.kernel.watchCounts();

        // when
        Iproute2.batch(IntStream.range(0, MANY)
                .mapToObj(i -> "link set under0 mtu " + (1400 + i % 2))
                .toArray(String[]::new));
        stuck.countDown();

        // then
        Instant deadline = Instant.now().plusSeconds(60);
        while (node.kernel.watchCounts().relists() == 0) {
            assertThat(Instant.now()).as("a list after the overrun").isBefore(deadline);
            Thread.sleep(20);
        }
        assertThat(before).isEqualTo(WatchCounts.NONE);
        assertThat(node.kernel.watchCounts().overruns()).isPositive();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
