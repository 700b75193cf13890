package dev.iptunnel.libc;

import dev.iptunnel.errno.Errno;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Opens the {@link ProbeSocket}s of one thread, which waits for any of them. Other threads may only call {@link #wake}.
 * Failures are {@link LibcException}; its operation is the system call or the option.
 */
public final class ProbeSockets implements AutoCloseable {
    /** {@code struct pollfd}: fd 0, events 4, revents 6. */
    private static final int POLLFD = 8;

    private static final int FEW = 64;

    private final ProbeSocket.Buffers buffers = ProbeSocket.Buffers.allocate();
    private final SecureRandom random = new SecureRandom();
    private final int wake = Libc.check("eventfd", Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK));
    private ByteBuffer pollfds = Libc.buffer(FEW * POLLFD);

    /**
     * Opens a socket. It needs no capability from Linux 5.7 on. These errors are to be expected: {@code EACCES} of
     * {@code socket}, if the node does not allow {@link ProbeSocket.Way#ECHO}; {@code ENODEV}, if there is no such interface;
     * {@code EADDRNOTAVAIL}, if it lacks the source address; {@code ENETUNREACH} or {@code EHOSTUNREACH} of {@code connect},
     * if no route leads through it to the target.
     */
    public ProbeSocket open(
            ProbeSocket.Way way, String interfaceName, int ifindex, InetAddress source, InetAddress target) {
        ProbeSocket socket = new ProbeSocket(buffers, way, target, random.nextLong());
        try {
            socket.prepare(interfaceName, ifindex, source);
            return socket;
        } catch (LibcException e) {
            socket.close();
            throw e;
        }
    }

    /** Waits until some of the sockets have something to receive, and returns those. {@link #wake} ends the wait. */
    public List<ProbeSocket> await(List<ProbeSocket> sockets, Duration timeout) {
        int count = 1 + sockets.size();
        if (pollfds.capacity() < count * POLLFD) {
            pollfds = Libc.buffer(2 * count * POLLFD);
        }
        put(0, wake);
        for (int i = 1; i < count; i++) {
            put(i, sockets.get(i - 1).fd());
        }
        long millis = Math.min((timeout.toNanos() + 999_999) / 1_000_000, Integer.MAX_VALUE);
        int ready = Libc.poll(pollfds, count, (int) millis);
        if (ready < 0 && !Libc.errno().equals(Errno.EINTR)) {
            throw new LibcException("poll", Libc.errno());
        }
        if (ready > 0 && isReady(0)) {
            Libc.eventfd_read(wake, buffers.scratch());
        }
        List<ProbeSocket> heard = new ArrayList<>();
        for (int i = 1; ready > 0 && i < count; i++) {
            if (isReady(i)) {
                heard.add(sockets.get(i - 1));
            }
        }
        return heard;
    }

    private void put(int position, int fd) {
        pollfds.putInt(position * POLLFD, fd).putInt(position * POLLFD + 4, Libc.POLLIN);
    }

    private boolean isReady(int position) {
        return pollfds.getShort(position * POLLFD + 6) != 0;
    }

    /** Ends a wait, or the next one. */
    public void wake() {
        Libc.eventfd_write(wake, 1);
    }

    /** Leaves the sockets open. Nobody may call {@link #wake} any more. */
    @Override
    public void close() {
        Libc.close(wake);
    }
}
