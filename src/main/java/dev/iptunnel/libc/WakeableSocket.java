package dev.iptunnel.libc;

import dev.iptunnel.errno.Errno;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.IntUnaryOperator;

/**
 * A socket that one thread waits on and another may close. {@link #close} wakes the thread that waits (by an eventfd),
 * and closes the descriptor only when no call uses it any more: the kernel may give its number to another file at once.
 */
final class WakeableSocket implements AutoCloseable {
    enum Readiness {
        READABLE,
        TIMEOUT,
        CLOSED
    }

    /** {@code struct pollfd}: fd 0, events 4, revents 6. */
    private static final int POLLFD = 8;

    private final int fd;
    private final int wake;
    private final ByteBuffer pollfds = Libc.buffer(2 * POLLFD);
    /** Of {@link #isReadable}. */
    private final ByteBuffer probe = Libc.buffer(POLLFD);

    private final ReentrantReadWriteLock descriptors = new ReentrantReadWriteLock();
    private volatile boolean closed;

    /** Takes over the descriptor, and closes it where this fails. */
    private WakeableSocket(int fd) {
        this.fd = fd;
        this.wake = Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK);
        if (wake < 0) {
            LibcException failure = new LibcException("eventfd", Libc.errno());
            Libc.close(fd);
            throw failure;
        }
        pollfds.putInt(0, fd).putShort(4, Libc.POLLIN);
        probe.putInt(0, fd).putShort(4, Libc.POLLIN);
        pollfds.putInt(POLLFD, wake).putShort(POLLFD + 4, Libc.POLLIN);
    }

    static WakeableSocket open(int domain, int type, int protocol) {
        return new WakeableSocket(
                Libc.check("socket", Libc.socket(domain, type | Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK, protocol)));
    }

    /**
     * Makes one call on the descriptor, and returns its result.
     *
     * @throws LibcException {@code EBADF} where this is closed, the call's errno where its result is negative
     */
    int call(String operation, IntUnaryOperator call) {
        descriptors.readLock().lock();
        try {
            if (closed) {
                throw new LibcException(operation, Errno.EBADF);
            }
            return Libc.check(operation, call.applyAsInt(fd));
        } finally {
            descriptors.readLock().unlock();
        }
    }

    /** Waits until there is something to read, which may be an error or the end. For one thread at a time. */
    synchronized Readiness await(Duration timeout) {
        long deadline = System.nanoTime() + Math.min(timeout.toMillis(), Integer.MAX_VALUE) * 1_000_000L;
        descriptors.readLock().lock();
        try {
            while (!closed) {
                long left = Math.max(0, deadline - System.nanoTime());
                int ready = Libc.poll(pollfds, 2, Math.toIntExact((left + 999_999) / 1_000_000));
                if (ready < 0 && !Libc.errno().equals(Errno.EINTR)) {
                    throw new LibcException("poll", Libc.errno());
                }
                if (ready == 0) {
                    return Readiness.TIMEOUT;
                }
                if (ready > 0 && pollfds.getShort(6) != 0 && !closed) {
                    return Readiness.READABLE;
                }
            }
            return Readiness.CLOSED;
        } finally {
            descriptors.readLock().unlock();
        }
    }

    /** Whether there is something to read now, which may be an error or the end; false after {@link #close}. */
    boolean isReadable() {
        descriptors.readLock().lock();
        try {
            synchronized (probe) {
                return !closed && Libc.poll(probe, 1, 0) > 0;
            }
        } finally {
            descriptors.readLock().unlock();
        }
    }

    @Override
    public void close() {
        if (markClosed()) {
            Libc.eventfd_write(wake, 1);
            descriptors.writeLock().lock();
            try {
                Libc.close(fd);
                Libc.close(wake);
            } finally {
                descriptors.writeLock().unlock();
            }
        }
    }

    private boolean markClosed() {
        synchronized (descriptors) {
            boolean first = !closed;
            closed = true;
            return first;
        }
    }
}
