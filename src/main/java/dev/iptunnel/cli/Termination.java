package dev.iptunnel.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a process that works until it gets SIGTERM or SIGINT. As the first resource of a try statement, it lets the process
 * end when the other resources are closed, or after ten seconds.
 */
final class Termination implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Termination.class);
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private final String tooLate;
    private final CountDownLatch told = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    /** @param tooLate is logged if the resources are not closed in time */
    Termination(String tooLate) {
        this.tooLate = tooLate;
    }

    /** Waits for the signal. A signal that comes before ends the process at once. */
    void await() throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(this::end));
        told.await();
    }

    private void end() {
        told.countDown();
        try {
            if (!closed.await(LONGEST.toMillis(), TimeUnit.MILLISECONDS)) {
                log.atWarn().log(tooLate);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
