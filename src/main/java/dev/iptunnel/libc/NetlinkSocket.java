package dev.iptunnel.libc;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.netlink.message.MulticastGroup;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.netlink.message.NetlinkOverrunException;
import dev.iptunnel.netlink.message.NetlinkTransport;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;

/**
 * A NETLINK_ROUTE socket of the calling thread's network namespace, see netlink(7) and rtnetlink(7). It asks for strict
 * checking and extended acknowledgements. With {@code CAP_NET_ADMIN} its receive buffer holds thousands of
 * notifications. Datagrams of other processes are dropped. One thread receives at a time.
 */
public final class NetlinkSocket implements NetlinkTransport {
    private static final int NETLINK_ROUTE = 0;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_ADD_MEMBERSHIP = 1;
    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;
    private static final int NETLINK_GET_STRICT_CHK = 12;

    /** {@code struct sockaddr_nl}: family 0, port 4, groups 8. */
    private static final int SOCKADDR_NL = 12;

    private static final int PORT = 4;
    /** The kernel's own port. */
    private static final int KERNEL = 0;

    private static final int SOCK_FPROG = 16;
    private static final int FILTER = 8;

    private static final int RECEIVE_BUFFER = 8 << 20;
    /** A dump's datagram has at most 32 KiB. */
    private static final int DATAGRAM = 64 << 10;

    /** Almost every request is shorter. */
    private static final int REQUEST = 4 << 10;

    private final WakeableSocket socket;
    private final ByteBuffer datagram = Libc.buffer(DATAGRAM);
    private final ByteBuffer sender = Libc.buffer(SOCKADDR_NL);
    private final ByteBuffer length = Libc.buffer(Integer.BYTES);
    private final ByteBuffer kernel = address(KERNEL);
    /** Guards what it holds. */
    private final ByteBuffer request = Libc.buffer(REQUEST);

    private final int portId;

    private NetlinkSocket(WakeableSocket socket, Optional<SocketFilter> filter, MulticastGroup... groups) {
        this.socket = socket;
        setOption(NETLINK_EXT_ACK, 1);
        setOption(NETLINK_CAP_ACK, 1);
        setOption(NETLINK_GET_STRICT_CHK, 1);
        enlargeReceiveBuffer();
        ByteBuffer any = address(0); // the kernel chooses a port
        socket.call("bind", fd -> Libc.bind(fd, any, SOCKADDR_NL));
        filter.ifPresent(this::attach);
        for (MulticastGroup group : groups) {
            setOption(NETLINK_ADD_MEMBERSHIP, group.number());
        }
        length.putInt(0, SOCKADDR_NL);
        socket.call("getsockname", fd -> Libc.getsockname(fd, sender, length));
        portId = sender.getInt(PORT);
    }

    /** Opens a socket for notifications of groups, or without groups for requests. */
    public static NetlinkSocket open(MulticastGroup... groups) {
        return open(Optional.empty(), groups);
    }

    /** Opens a socket for the notifications that pass the filter. */
    public static NetlinkSocket open(SocketFilter filter, MulticastGroup... groups) {
        return open(Optional.of(filter), groups);
    }

    private static NetlinkSocket open(Optional<SocketFilter> filter, MulticastGroup... groups) {
        try {
            WakeableSocket socket = WakeableSocket.open(Libc.AF_NETLINK, Libc.SOCK_RAW, NETLINK_ROUTE);
            try {
                return new NetlinkSocket(socket, filter, groups);
            } catch (LibcException e) {
                socket.close();
                throw e;
            }
        } catch (LibcException e) {
            throw translated(e);
        }
    }

    @Override
    public void send(byte[] message) {
        if (message.length > REQUEST) {
            send(message, Libc.buffer(message.length), kernel);
        } else {
            synchronized (request) {
                send(message, request, kernel);
            }
        }
    }

    void sendTo(int port, byte[] message) {
        send(message, Libc.buffer(message.length), address(port));
    }

    private void send(byte[] message, ByteBuffer buffer, ByteBuffer receiver) {
        buffer.put(0, message);
        try {
            socket.call("sendto", fd -> (int) Libc.sendto(fd, buffer, message.length, 0, receiver, SOCKADDR_NL));
        } catch (LibcException e) {
            throw translated(e);
        }
    }

    @Override
    public Optional<byte[]> receive(Duration timeout) {
        try {
            // An answer is there as soon as its request was sent.
            Optional<byte[]> received = receiveNow();
            return received.isPresent() ? received : receiveLater(timeout);
        } catch (LibcException e) {
            throw translated(e);
        }
    }

    private Optional<byte[]> receiveLater(Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        Optional<byte[]> received = Optional.empty();
        while (received.isEmpty()) {
            Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
            switch (socket.await(left)) {
                case TIMEOUT -> {
                    return Optional.empty();
                }
                case CLOSED -> throw new NetlinkException("recvfrom", Errno.EBADF);
                case READABLE -> received = receiveNow();
            }
        }
        return received;
    }

    /** Empty where there was nothing, or nothing from the kernel. */
    private Optional<byte[]> receiveNow() {
        length.putInt(0, SOCKADDR_NL);
        int size;
        try {
            size = socket.call("recvfrom", fd ->
                    (int) Libc.recvfrom(fd, datagram, DATAGRAM, Libc.MSG_DONTWAIT | Libc.MSG_TRUNC, sender, length));
        } catch (LibcException e) {
            if (e.errno().equals(Errno.EAGAIN) || e.errno().equals(Errno.EINTR)) {
                return Optional.empty();
            }
            throw e;
        }
        if (sender.getInt(PORT) != KERNEL) {
            return Optional.empty();
        }
        if (size > DATAGRAM) {
            throw new NetlinkException("recvfrom", Errno.EMSGSIZE);
        }
        byte[] bytes = new byte[size];
        datagram.get(0, bytes);
        return Optional.of(bytes);
    }

    /** Whether a datagram, or an error, waits to be received; false after {@link #close}. */
    public boolean isReadable() {
        return socket.isReadable();
    }

    @Override
    public int portId() {
        return portId;
    }

    /** Ends a receive that waits in another thread. */
    @Override
    public void close() {
        socket.close();
    }

    /** Replaces the filter. Datagrams that were received already stay. */
    public void filter(SocketFilter filter) {
        try {
            attach(filter);
        } catch (LibcException e) {
            throw translated(e);
        }
    }

    /** Attaches no filter where {@code net.core.optmem_max} has no room for it. */
    private void attach(SocketFilter filter) {
        try {
            attach(filter.length(), filter.encode());
        } catch (LibcException e) {
            if (!e.errno().equals(Errno.ENOMEM)) {
                throw e;
            }
            attach(SocketFilter.EVERYTHING.length(), SocketFilter.EVERYTHING.encode());
        }
    }

    /** {@code struct sock_fprog}: len 0, filter 8. */
    private void attach(int length, ByteBuffer program) {
        ByteBuffer fprog = Libc.buffer(SOCK_FPROG).putShort(0, (short) length).putLong(FILTER, Libc.address(program));
        try {
            socket.call(
                    "setsockopt", fd -> Libc.setsockopt(fd, Libc.SOL_SOCKET, Libc.SO_ATTACH_FILTER, fprog, SOCK_FPROG));
        } finally {
            Reference.reachabilityFence(program);
        }
    }

    private void setOption(int option, int value) {
        setOption(SOL_NETLINK, option, value);
    }

    private void setOption(int level, int option, int value) {
        ByteBuffer buffer = Libc.buffer(Integer.BYTES).putInt(0, value);
        socket.call("setsockopt", fd -> Libc.setsockopt(fd, level, option, buffer, Integer.BYTES));
    }

    /** SO_RCVBUFFORCE needs CAP_NET_ADMIN; SO_RCVBUF is limited to {@code net.core.rmem_max}. See socket(7). */
    private void enlargeReceiveBuffer() {
        try {
            setOption(Libc.SOL_SOCKET, Libc.SO_RCVBUFFORCE, RECEIVE_BUFFER);
        } catch (LibcException e) {
            if (!e.errno().equals(Errno.EPERM)) {
                throw e;
            }
            setOption(Libc.SOL_SOCKET, Libc.SO_RCVBUF, RECEIVE_BUFFER);
        }
    }

    private static ByteBuffer address(int port) {
        return Libc.buffer(SOCKADDR_NL).putShort(0, (short) Libc.AF_NETLINK).putInt(PORT, port);
    }

    private static NetlinkException translated(LibcException e) {
        return e.errno().equals(Errno.ENOBUFS)
                ? new NetlinkOverrunException(e.operation())
                : new NetlinkException(e.operation(), e.errno());
    }
}
