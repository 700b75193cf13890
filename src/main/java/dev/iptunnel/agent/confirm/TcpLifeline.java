package dev.iptunnel.agent.confirm;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Opens TCP connections. A refused connection is an answer, too: the reset came from the server. */
public final class TcpLifeline implements Lifeline {
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(500);

    @Override
    public boolean answers(Collection<InetSocketAddress> servers, Duration patience) {
        CountDownLatch answered = new CountDownLatch(1);
        long end = System.nanoTime() + patience.toNanos();
        for (InetSocketAddress server : servers) {
            Thread.ofVirtual().name("lifeline").start(() -> tryUntil(end, server, answered));
        }
        try {
            return answered.await(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            answered.countDown();
        }
    }

    private static void tryUntil(long end, InetSocketAddress server, CountDownLatch answered) {
        try {
            long left = end - System.nanoTime();
            while (left > 0 && answered.getCount() > 0) {
                if (answers(server, left)) {
                    answered.countDown();
                }
                left = end - System.nanoTime();
                if (left > 0 && answered.await(Math.min(left, BETWEEN_TRIES.toNanos()), TimeUnit.NANOSECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * The kernel repeats a SYN after 1, 2 and 4 seconds; it gives up, which is a ConnectException as well, much later than
     * this waits.
     */
    private static boolean answers(InetSocketAddress server, long nanos) {
        try (Socket socket = new Socket()) {
            socket.connect(server, (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos)));
            return true;
        } catch (ConnectException refused) {
            return true;
        } catch (IOException silent) {
            return false;
        }
    }
}
