package dev.iptunnel.kernel;

import dev.iptunnel.libc.AbstractSocketLock;
import dev.iptunnel.libc.LockAttempt;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Held by the one process that may change the tunnels of a network namespace: an abstract unix socket, see unix(7). The
 * kernel lets it go when the process ends, in whatever way.
 */
public final class WriterLock implements AutoCloseable {
    private static final String NAME = "iptunnel.dev/writer";
    private static final Duration REMIND = Duration.ofMinutes(1);

    private final AbstractSocketLock socket;

    private WriterLock(AbstractSocketLock socket) {
        this.socket = socket;
    }

    /**
     * Waits until it is free.
     *
     * @param description who is asking, told to those who wait in turn
     * @param waitingFor told who holds it, at once and every minute
     */
    public static WriterLock acquire(String description, Consumer<String> waitingFor) {
        while (true) {
            switch (AbstractSocketLock.tryAcquire(NAME, description)) {
                case LockAttempt.Acquired(var socket) -> {
                    return new WriterLock(socket);
                }
                case LockAttempt.Held(var holder) -> {
                    try (holder) {
                        do {
                            waitingFor.accept(holder.description());
                        } while (!holder.awaitRelease(REMIND));
                    }
                }
            }
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
