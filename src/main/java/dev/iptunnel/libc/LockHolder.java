package dev.iptunnel.libc;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.libc.WakeableSocket.Readiness;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** The connection to whoever holds an {@link AbstractSocketLock}; it ends when that one does, however it does. */
public final class LockHolder implements AutoCloseable {
    /** The longest description, in bytes. */
    static final int DESCRIPTION = 256;

    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final WakeableSocket connection;
    private final ByteBuffer buffer = Libc.buffer(DESCRIPTION);
    private final PeerCredentials credentials;
    private final String description;
    private boolean released;

    /** Reads the description, for two seconds at most. */
    LockHolder(WakeableSocket connection) {
        this.connection = connection;
        this.credentials = PeerCredentials.of(connection);
        this.description = readLine();
    }

    /**
     * Who it is, by the kernel's own word and by what it says of itself, in one line for a person. The latter is printable, at
     * most 256 characters long, and not to be trusted.
     */
    public String identity() {
        return credentials + (description.isEmpty() ? "" : ", which says \"" + description + "\"");
    }

    /** Any process can bind an abstract name; only one with the rights of this one can write tunnels. */
    boolean counts() {
        return credentials.isPrivileged();
    }

    /** It went away while it was asked. */
    boolean released() {
        return released;
    }

    /**
     * Waits until the holder is gone; then try again.
     *
     * @return false when it still holds after that time
     * @throws LibcException {@code EBADF} when this is closed meanwhile
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

    /** How many bytes came; -1 when none did in time. */
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
