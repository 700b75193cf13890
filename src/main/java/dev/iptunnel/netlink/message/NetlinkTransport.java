package dev.iptunnel.netlink.message;

import java.time.Duration;
import java.util.Optional;

/**
 * A NETLINK_ROUTE socket: datagrams to and from the kernel, each with one or more netlink messages, see netlink(7).
 *
 * <p>Datagrams of other processes are dropped. Another thread may call {@link #close}; a receive that waits then fails with
 * {@code EBADF}.
 */
public interface NetlinkTransport extends AutoCloseable {
    /** Sends whole messages. The kernel handles them before this returns. */
    void send(byte[] datagram);

    /**
     * The next datagram, or empty where none came within the time.
     *
     * @throws NetlinkOverrunException where the kernel dropped messages, since the buffer was full
     */
    Optional<byte[]> receive(Duration timeout);

    /** This socket's address, unsigned 32 bits. Answers have it in {@code nlmsg_pid}, though it is no process id. */
    int portId();

    @Override
    void close();
}
