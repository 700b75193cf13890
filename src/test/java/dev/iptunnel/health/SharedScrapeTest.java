package dev.iptunnel.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SharedScrapeTest {
    private final AtomicInteger made = new AtomicInteger();

    @Test
    void each_question_after_an_answer_gets_a_new_page() {
        // given
        SharedScrape scrape = new SharedScrape(() -> new byte[made.incrementAndGet()]);

        // when
        List<Integer> pages = List.of(scrape.get().length, scrape.get().length);

        // then
        assertThat(pages).containsExactly(1, 2);
    }

    @Test
    void all_who_ask_while_a_page_is_made_share_the_next_one() throws Exception {
        // given
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch going = new CountDownLatch(1);
        SharedScrape scrape = new SharedScrape(() -> {
            going.countDown();
            awaitQuietly(first);
            return new byte[made.incrementAndGet()];
        });

        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<byte[]> early = clients.submit(scrape::get);
            going.await();

            // when
            List<Thread> waiting = new ArrayList<>();
            List<Future<byte[]>> late = new ArrayList<>();
            for (int client = 0; client < 50; client++) {
                late.add(clients.submit(() -> {
                    synchronized (waiting) {
                        waiting.add(Thread.currentThread());
                    }
                    return scrape.get();
                }));
            }
            while (blocked(waiting) < 50) {
                Thread.onSpinWait();
            }
            first.countDown();

            // then
            assertThat(early.get()).hasSize(1);
            for (Future<byte[]> page : late) {
                assertThat(page.get()).hasSize(2);
            }
        }
    }

    private static long blocked(List<Thread> threads) {
        synchronized (threads) {
            return threads.stream()
                    .filter(thread -> thread.getState() == Thread.State.BLOCKED)
                    .count();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
