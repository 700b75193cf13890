package dev.iptunnel.libc;

import dev.iptunnel.errno.Errno;
import java.lang.ref.Reference;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Reads the error queue of a socket with IP_RECVERR or IPV6_RECVERR, see ip(7): {@code struct sock_extended_err} of
 * {@code linux/errqueue.h}, which recvmsg(2) gives with MSG_ERRQUEUE. For one thread.
 */
final class ErrorQueue {
    /** {@code struct msghdr}: name 0, namelen 8, iov 16, iovlen 24, control 32, controllen 40, flags 48. */
    private static final int MSGHDR = 56;

    private static final int IOV = 16;
    private static final int IOVLEN = 24;
    private static final int CONTROL = 32;
    private static final int CONTROLLEN = 40;

    /** {@code struct iovec}: base 0, len 8. */
    private static final int IOVEC = 16;

    /** {@code struct cmsghdr}: len 0, level 8, type 12, and the data. */
    private static final int CMSGHDR = 16;

    private static final int LEVEL = 8;
    private static final int TYPE = 12;
    private static final int IPPROTO_IP = 0;
    private static final int IP_RECVERR = 11;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_RECVERR = 25;

    /** In {@code struct sock_extended_err}: errno 0, origin 4, type 5, code 6, info 8; the offender's address follows. */
    private static final int INFO = 8;

    private static final int OFFENDER = 16;

    private static final int CONTROL_BUFFER = 512;

    private final ByteBuffer message = Libc.buffer(MSGHDR);
    private final ByteBuffer iovec = Libc.buffer(IOVEC);
    private final ByteBuffer control = Libc.buffer(CONTROL_BUFFER);
    private final ByteBuffer packet;

    /** @param packet receives the beginning of the packet that an error is about */
    ErrorQueue(ByteBuffer packet) {
        this.packet = packet;
    }

    /**
     * An error.
     *
     * @param info the MTU with {@code EMSGSIZE}
     * @param offender who sent the ICMP message; empty where it is the kernel's own error
     * @param length of the beginning of the packet, which may be 0
     */
    record QueuedError(Errno errno, int info, Optional<InetAddress> offender, int length) {}

    /** Takes the next error; empty where there is none. */
    Optional<QueuedError> next(int fd) {
        iovec.putLong(0, Libc.address(packet)).putLong(8, packet.capacity());
        message.putLong(0, 0)
                .putLong(8, 0)
                .putLong(IOV, Libc.address(iovec))
                .putLong(IOVLEN, 1)
                .putLong(CONTROL, Libc.address(control))
                .putLong(CONTROLLEN, CONTROL_BUFFER);
        int length;
        try {
            length = (int) Libc.recvmsg(fd, message, Libc.MSG_ERRQUEUE | Libc.MSG_DONTWAIT);
        } finally {
            Reference.reachabilityFence(this);
        }
        return length < 0 ? Optional.empty() : error(length);
    }

    private Optional<QueuedError> error(int length) {
        int end = (int) message.getLong(CONTROLLEN);
        for (int at = 0; at + CMSGHDR <= end; ) {
            int size = (int) control.getLong(at);
            if (size < CMSGHDR) {
                break;
            }
            int level = control.getInt(at + LEVEL);
            int type = control.getInt(at + TYPE);
            if ((level == IPPROTO_IP && type == IP_RECVERR) || (level == IPPROTO_IPV6 && type == IPV6_RECVERR)) {
                int error = at + CMSGHDR;
                return Optional.of(new QueuedError(
                        new Errno(control.getInt(error)),
                        control.getInt(error + INFO),
                        InternetAddress.read(control, error + OFFENDER),
                        length));
            }
            at += (size + 7) & ~7;
        }
        return Optional.empty();
    }
}
