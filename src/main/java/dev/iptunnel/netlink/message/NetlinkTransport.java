package dev.iptunnel.netlink.message;

import java.time.Duration;
import java.util.Optional;

/**
 * A NETLINK_ROUTE socket: datagrams to and from the kernel, each with one or more netlink messages, see netlink(7).
 *
 * <p>Only the kernel's datagrams are passed on. {@link #close} may be called by another thread; a receive that waits
 * then fails with {@code EBADF}.
 */
public interface NetlinkTransport extends AutoCloseable {
    /** Sends whole messages. The kernel works on them before this returns. */
    void send(byte[] datagram);

    /**
     * The next datagram, or empty when none came within the time.
     *
     * @throws NetlinkOverrunException when the kernel dropped messages for lack of buffer
     */
    Optional<byte[]> receive(Duration timeout);

    /** This socket's address, which answers carry in {@code nlmsg_pid}; no process id. Unsigned 32 bits. */
    int portId();

    @Override
    void close();
}
