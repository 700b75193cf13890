package dev.iptunnel.libc;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import dev.iptunnel.errno.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The system calls, mapped directly, since an interface proxy of JNA costs half a second at start. Buffers must be
 * direct. They are used from their first byte on, whatever their position. Numbers and types are those of x86_64 and
 * aarch64, where {@code size_t} and {@code long} are a Java long.
 */
final class Libc {
    static final int AF_UNIX = 1;
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int AF_NETLINK = 16;
    static final int SOCK_STREAM = 1;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_RAW = 3;
    static final int SOCK_CLOEXEC = 0x80000;
    static final int SOL_SOCKET = 1;
    static final int SO_RCVBUF = 8;
    static final int SO_PEERCRED = 17;
    static final int SO_BINDTODEVICE = 25;
    static final int SO_ATTACH_FILTER = 26;
    static final int SO_RCVBUFFORCE = 33;
    static final int MSG_TRUNC = 0x20;
    static final int MSG_DONTWAIT = 0x40;
    static final int MSG_ERRQUEUE = 0x2000;
    static final int MSG_NOSIGNAL = 0x4000;
    static final int EFD_CLOEXEC = 0x80000;
    static final int EFD_NONBLOCK = 0x800;
    static final int SOCK_NONBLOCK = 0x800;
    static final short POLLIN = 0x1;

    static {
        Native.register(Libc.class, "c");
    }

    private Libc() {}

    /** socket(2). */
    static native int socket(int domain, int type, int protocol);

    /** close(2). */
    static native int close(int fd);

    /** bind(2). */
    static native int bind(int fd, ByteBuffer address, int length);

    /** listen(2). */
    static native int listen(int fd, int backlog);

    /** accept4(2). */
    static native int accept4(int fd, Pointer address, Pointer length, int flags);

    /** connect(2). */
    static native int connect(int fd, ByteBuffer address, int length);

    /** getsockname(2). */
    static native int getsockname(int fd, ByteBuffer address, ByteBuffer length);

    /** setsockopt(2). */
    static native int setsockopt(int fd, int level, int option, ByteBuffer value, int length);

    /** getsockopt(2). */
    static native int getsockopt(int fd, int level, int option, ByteBuffer value, ByteBuffer length);

    /** geteuid(2). */
    static native int geteuid();

    /** sendto(2). */
    static native long sendto(int fd, ByteBuffer buffer, long length, int flags, ByteBuffer address, int addressLength);

    /** send(2). */
    static native long send(int fd, ByteBuffer buffer, long length, int flags);

    /** recvfrom(2). */
    static native long recvfrom(
            int fd, ByteBuffer buffer, long length, int flags, ByteBuffer address, ByteBuffer addressLength);

    /** recv(2). */
    static native long recv(int fd, ByteBuffer buffer, long length, int flags);

    /** recvmsg(2). */
    static native long recvmsg(int fd, ByteBuffer message, int flags);

    /** poll(2). */
    static native int poll(ByteBuffer fds, long count, int timeoutMillis);

    /** eventfd(2). */
    static native int eventfd(int initial, int flags);

    /** eventfd_write(3). */
    static native int eventfd_write(int fd, long value);

    /** eventfd_read(3). */
    static native int eventfd_read(int fd, ByteBuffer value);

    /** ioctl(2). */
    static native int ioctl(int fd, long request, ByteBuffer argument);

    /** A buffer as the calls take it: direct, in native order, zeroed. */
    static ByteBuffer buffer(int size) {
        return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
    }

    /** Where a direct buffer is in memory. It is valid while the buffer is reachable. */
    static long address(ByteBuffer buffer) {
        return Pointer.nativeValue(Native.getDirectBufferPointer(buffer));
    }

    /** The error of this thread's last call. To be read before the next call. */
    static Errno errno() {
        return new Errno(Native.getLastError());
    }

    /**
     * Returns a result that is not negative.
     *
     * @throws LibcException where the result is negative
     */
    static int check(String operation, int result) {
        if (result < 0) {
            throw new LibcException(operation, errno());
        }
        return result;
    }
}
