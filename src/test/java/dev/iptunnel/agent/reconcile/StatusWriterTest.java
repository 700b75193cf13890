package dev.iptunnel.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

@Timeout(30)
class StatusWriterTest {
    private final IpTunnel tunnel = Tunnels.ipip("to-berlin");
    private final BlockingQueue<Integer> taken = new LinkedBlockingQueue<>();
    private final CountDownLatch slow = new CountDownLatch(1);
    private final CountDownLatch asked = new CountDownLatch(1);

    private static IpTunnelStatus status(int mtu) {
        return new IpTunnelStatus(1L, "to-berlin", 7, mtu, null, null, null, null, List.of());
    }

    private void take(IpTunnel patch) {
        taken.add(patch.getStatus().mtu());
    }

    /** Answers when {@link #slow} says so. */
    private void takeSlowly(IpTunnel patch) {
        asked.countDown();
        awaitSlow();
        take(patch);
    }

    private void awaitSlow() {
        try {
            slow.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int next() throws InterruptedException {
        Integer mtu = taken.poll(20, TimeUnit.SECONDS);
        assertThat(mtu).as("a status that was taken").isNotNull();
        return mtu;
    }

    @Test
    void of_the_statuses_that_wait_the_latest_is_written() throws InterruptedException {
        try (StatusWriter writer = new StatusWriter(this::takeSlowly, _ -> true)) {
            writer.write(tunnel, status(1400));
            asked.await();
            writer.write(tunnel, status(1401));
            writer.write(tunnel, status(1402));
            slow.countDown();

            assertThat(List.of(next(), next())).containsExactly(1400, 1402);
        }
        assertThat(taken).isEmpty();
    }

    /** The tunnel differed for a while, in which the API server took nothing. */
    @Test
    void a_status_that_waits_is_replaced_by_the_one_that_the_api_server_has_and_that_is_right_again()
            throws InterruptedException {
        try (StatusWriter writer = new StatusWriter(this::takeSlowly, _ -> true)) {
            writer.write(tunnel, status(1400));
            asked.await();
            writer.confirm(tunnel, status(1480));
            slow.countDown();

            assertThat(List.of(next(), next())).containsExactly(1400, 1480);
            writer.confirm(tunnel, status(1480));
        }
        assertThat(taken).isEmpty();
    }

    @Test
    void a_status_that_was_not_taken_is_written_again() throws InterruptedException {
        AtomicInteger attempts = new AtomicInteger();
        try (StatusWriter writer = new StatusWriter(
                patch -> {
                    if (attempts.incrementAndGet() <= 2) {
                        throw new KubernetesClientException("too many requests", 429, null);
                    }
                    take(patch);
                },
                _ -> true)) {
            writer.write(tunnel, status(1400));

            assertThat(next()).isEqualTo(1400);
            assertThat(attempts).hasValue(3);
        }
    }

    /** A deletion is not worth a line of the log, though the API server may tell of it before the watch does. */
    @ParameterizedTest
    @CsvSource({"404, 0", "409, 0", "500, 1"})
    void the_first_answer_that_an_object_is_gone_is_not_logged_as_a_warning(int code, int warnings)
            throws InterruptedException {
        Logger logger = (Logger) LoggerFactory.getLogger(StatusWriter.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        AtomicInteger attempts = new AtomicInteger();
        try (StatusWriter writer = new StatusWriter(
                patch -> {
                    if (attempts.incrementAndGet() == 1) {
                        throw new KubernetesClientException("refused", code, null);
                    }
                    take(patch);
                },
                _ -> true)) {
            writer.write(tunnel, status(1400));

            assertThat(next()).isEqualTo(1400);
        } finally {
            logger.detachAppender(log);
        }
        assertThat(log.list).hasSize(warnings);
    }

    @Test
    void the_status_of_an_object_that_is_gone_is_forgotten() throws InterruptedException {
        AtomicInteger attempts = new AtomicInteger();
        try (StatusWriter writer = new StatusWriter(
                patch -> {
                    if (Objects.equals(patch.getStatus().mtu(), 1400)) {
                        attempts.incrementAndGet();
                        throw new KubernetesClientException("not found", 404, null);
                    }
                    take(patch);
                },
                _ -> false)) {
            writer.write(tunnel, status(1400));
            while (attempts.get() == 0) {
                Thread.onSpinWait();
            }
            Thread.sleep(2000);
            writer.write(tunnel, status(1401));

            assertThat(next()).isEqualTo(1401);
            assertThat(attempts).hasValue(1);
        }
    }

    /** The API server refuses a patch with a UID of an object that is gone: 409, or 404 while there is no successor. */
    @ParameterizedTest
    @ValueSource(ints = {404, 409})
    void the_successor_of_an_object_gets_its_own_status_and_never_that_of_its_predecessor(int refusal)
            throws InterruptedException {
        IpTunnel successor = Tunnels.ipip("to-berlin");
        successor.getMetadata().setUid("uid-of-the-successor");
        List<String> accepted = new CopyOnWriteArrayList<>();
        try (StatusWriter writer = new StatusWriter(
                patch -> {
                    if (!"uid-of-the-successor".equals(patch.getMetadata().getUid())) {
                        asked.countDown();
                        awaitSlow();
                        throw new KubernetesClientException("another UID", refusal, null);
                    }
                    accepted.add(patch.getMetadata().getUid());
                    take(patch);
                },
                patch -> "uid-of-the-successor".equals(patch.getMetadata().getUid()))) {
            writer.write(tunnel, status(1400));
            asked.await();
            writer.write(successor, status(1401));
            slow.countDown();

            assertThat(next()).isEqualTo(1401);
            writer.write(successor, status(1402));
            assertThat(next()).isEqualTo(1402);
        }
        assertThat(accepted).containsOnly("uid-of-the-successor");
        assertThat(taken).isEmpty();
    }

    @Test
    void a_status_that_the_api_server_does_not_answer_for_keeps_nobody_waiting() throws InterruptedException {
        try (StatusWriter writer = new StatusWriter(this::takeSlowly, _ -> true)) {
            long start = System.nanoTime();
            for (int i = 0; i < 100; i++) {
                writer.write(Tunnels.ipip("tunnel-" + i), status(1400));
            }

            assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(5));
            assertThat(writer.isBehind()).isTrue();
            slow.countDown();
            for (int i = 0; i < 100; i++) {
                next();
            }
        }
    }
}
