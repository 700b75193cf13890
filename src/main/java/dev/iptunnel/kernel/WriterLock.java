package dev.iptunnel.kernel;

import dev.iptunnel.libc.AbstractSocketLock;
import dev.iptunnel.libc.AbstractSocketLock.Attempt;
import dev.iptunnel.libc.LibcException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lock of the one process that may change the tunnels of a network namespace: an abstract unix socket, see unix(7).
 * The kernel releases it when the process ends, in whatever way. A process without the rights to change tunnels cannot
 * hold it.
 */
public final class WriterLock implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WriterLock.class);
    private static final String NAME = "iptunnel.dev/writer";
    private static final Duration REMIND = Duration.ofMinutes(1);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final AbstractSocketLock socket;

    private WriterLock(AbstractSocketLock socket) {
        this.socket = socket;
    }

    /**
     * Takes the lock if it is free.
     *
     * @param description of this process, for the processes that will wait for it
     * @param holder called with who holds the lock, if somebody does
     * @return empty if somebody does
     * @throws LibcException if the kernel refuses the socket
     */
    public static Optional<WriterLock> tryAcquire(String description, Consumer<String> holder) {
        return switch (AbstractSocketLock.tryAcquire(NAME, description)) {
            case Attempt.Acquired(var socket, var ignored) -> Optional.of(new WriterLock(socket));
            case Attempt.Held(var other) -> {
                try (other) {
                    holder.accept(other.identity());
                    yield Optional.empty();
                }
            }
        };
    }

    /**
     * Waits until the lock is free, and takes it.
     *
     * @param description of this process, for the processes that will wait for it
     * @param waitingFor called with what is waited for, at once and every minute
     */
    public static WriterLock acquire(String description, Consumer<String> waitingFor) {
        while (true) {
            try {
                switch (AbstractSocketLock.tryAcquire(NAME, description)) {
                    case Attempt.Acquired(var socket, var ignored) -> {
                        ignored.ifPresent(holder -> log.atWarn()
                                .log(
                                        "the name of the writer's lock is taken by {}; since it has no right to write"
                                                + " tunnels, it is ignored",
                                        holder));
                        return new WriterLock(socket);
                    }
                    case Attempt.Held(var holder) -> {
                        try (holder) {
                            do {
                                waitingFor.accept(holder.identity() + ", writes the tunnels of this network namespace");
                            } while (!holder.awaitRelease(REMIND));
                        }
                    }
                }
            } catch (LibcException e) {
                waitingFor.accept("the writer's lock cannot be taken: " + e.getMessage());
                LockSupport.parkNanos(RETRY.toNanos());
            }
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
