package dev.iptunnel.libc;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.libc.WakeableSocket.Readiness;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A connection to the process that holds an {@link AbstractSocketLock}. It ends when the process releases the lock or
 * ends.
 */
public final class LockHolder implements AutoCloseable {
    /** The longest description, in bytes. */
    static final int DESCRIPTION = 256;

    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final WakeableSocket connection;
    private final ByteBuffer buffer = Libc.buffer(DESCRIPTION);
    private final PeerCredentials credentials;
    private final String description;
    private boolean released;

    /** Reads the description of a holder that {@link #counts}, for two seconds at most; others are not waited for. */
    LockHolder(WakeableSocket connection) {
        this.connection = connection;
        this.credentials = PeerCredentials.of(connection);
        this.description = counts() ? readLine() : "";
    }

    /**
     * Who the holder is, in one line for a person: what the kernel says, and what the holder says of itself. The latter is
     * printable, at most 256 characters long, and not to be trusted.
     */
    public String identity() {
        return credentials + (description.isEmpty() ? "" : ", which says \"" + description + "\"");
    }

    /** Whether the holder has the rights of this process: any process can bind an abstract name. */
    boolean counts() {
        return credentials.isPrivileged();
    }

    /** Whether a holder that {@link #counts} released the lock while it was asked. */
    boolean released() {
        return released;
    }

    /**
     * Waits until the holder has released the lock. Then the caller tries to take it.
     *
     * @return false where the holder still has the lock after that time
     * @throws LibcException {@code EBADF} where this is closed while it waits
     */
    public boolean awaitRelease(Duration timeout) {
        long deadline = System.nanoTime() + Math.min(timeout.toMillis(), Integer.MAX_VALUE) * 1_000_000L;
        while (!released) {
            Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
            if (read(left) < 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() {
        connection.close();
    }

    private String readLine() {
        StringBuilder line = new StringBuilder();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!released && line.length() < DESCRIPTION) {
            int size = read(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
            if (size < 0) {
                break;
            }
            byte[] bytes = new byte[size];
            buffer.get(0, bytes);
            String text = new String(bytes, StandardCharsets.US_ASCII);
            int end = text.indexOf('\n');
            line.append(end < 0 ? text : text.substring(0, end));
            if (end >= 0) {
                break;
            }
        }
        line.setLength(Math.min(line.length(), DESCRIPTION));
        return PeerCredentials.printable(line.toString());
    }

    /** The number of bytes that came; -1 where none came in time. */
    private int read(Duration timeout) {
        Readiness readiness = connection.await(timeout);
        if (readiness == Readiness.CLOSED) {
            throw new LibcException("recv", Errno.EBADF);
        }
        if (readiness == Readiness.TIMEOUT) {
            return -1;
        }
        try {
            int size = connection.call("recv", fd -> (int) Libc.recv(fd, buffer, DESCRIPTION, Libc.MSG_DONTWAIT));
            released = size == 0;
            return size;
        } catch (LibcException e) {
            if (e.errno().equals(Errno.EAGAIN) || e.errno().equals(Errno.EINTR)) {
                return 0;
            }
            if (e.errno().equals(Errno.ECONNRESET)) {
                released = true;
                return 0;
            }
            throw e;
        }
    }
}
