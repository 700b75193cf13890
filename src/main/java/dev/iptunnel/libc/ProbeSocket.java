package dev.iptunnel.libc;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.libc.ErrorQueue.QueuedError;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Sends packets of chosen lengths through one interface to one address, and hears what becomes of them. No router may
 * fragment the packets. For the thread of its {@link ProbeSockets}.
 */
public final class ProbeSocket implements AutoCloseable {
    private static final int IPPROTO_IP = 0;
    private static final int IPPROTO_ICMP = 1;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPPROTO_ICMPV6 = 58;
    private static final int IP_MTU_DISCOVER = 10;
    private static final int IP_RECVERR = 11;
    private static final int IPV6_MTU_DISCOVER = 23;
    private static final int IPV6_RECVERR = 25;
    private static final int IPV6_DONTFRAG = 62;
    /** IP_PMTUDISC_PROBE and IPV6_PMTUDISC_PROBE: what the kernel knows of the path's MTU does not keep a packet back. */
    private static final int PROBE = 3;

    private static final byte ECHO_REQUEST = 8;
    private static final byte ECHO_REPLY = 0;
    private static final byte ECHO_REQUEST6 = (byte) 128;
    private static final byte ECHO_REPLY6 = (byte) 129;

    /** Of an ICMP echo message: type 0, code 1, checksum 2, identifier 4, sequence 6. UDP's header is as long. */
    private static final int HEADER = 8;

    private static final int IPV4_HEADER = 20;
    private static final int IPV6_HEADER = 40;

    /** The socket's number, and the packet's. */
    private static final int PAYLOAD = 2 * Long.BYTES;

    /** Nothing is known to listen there; traceroute(8) uses the ports around it. */
    private static final int PORT = 33_533;

    /** How the packets of a socket are answered. */
    public enum Way {
        /** By an ICMP echo reply. The node must allow ICMP sockets ({@code net.ipv4.ping_group_range}, see icmp(7)). */
        ECHO,
        /**
         * By ICMP "port unreachable", since nobody receives UDP on the port. A peer may send one a second only, and a packet
         * filter may drop UDP.
         */
        CLOSED_PORT
    }

    /** What is heard of the packets that were sent. */
    public sealed interface Event {
        /**
         * The target received the packet and answered it.
         *
         * @param sequence of the packet
         */
        record Answered(int sequence) implements Event {}

        /**
         * A packet was too long for the path. That says a router on the path, or this node's kernel, which may have learned it
         * from a router.
         *
         * @param mtu the longest packet that may pass, in bytes
         */
        record TooLong(int mtu) implements Event {}

        /**
         * Somebody else than the target says by ICMP that the target cannot be reached. The packet may be answered all the
         * same: a tunnel reports for a while what it heard of earlier packets.
         *
         * @param from who says it; an address of this node where its kernel passes on what it heard of the outer packets
         */
        record Unreachable(Optional<InetAddress> from, Errno errno) implements Event {}
    }

    /**
     * What the sockets of one thread read and write in turn, so that a probe needs no memory of its own.
     *
     * @param outgoing a packet to be sent: zero except for its start
     * @param incoming a received packet, or the start of one that an error is about
     * @param scratch an argument of a system call
     * @param errors reads into {@code incoming}
     */
    record Buffers(ByteBuffer outgoing, ByteBuffer incoming, ByteBuffer scratch, ErrorQueue errors) {
        /** Of an IP packet. */
        private static final int LONGEST = 65_535;

        static Buffers allocate() {
            ByteBuffer incoming = Libc.buffer(LONGEST);
            return new Buffers(
                    Libc.buffer(LONGEST),
                    incoming,
                    Libc.buffer(InternetAddress.SOCKADDR_IN6),
                    new ErrorQueue(incoming));
        }
    }

    private final Buffers buffers;
    private final int fd;
    private final Way way;
    private final InetAddress target;
    private final boolean ipv6;
    private final long number;

    /** @param number that nobody else can guess: only answers with it count */
    ProbeSocket(Buffers buffers, Way way, InetAddress target, long number) {
        this.buffers = buffers;
        this.way = way;
        this.target = target;
        this.ipv6 = target instanceof Inet6Address;
        this.number = number;
        int echo = ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
        this.fd = Libc.check(
                "socket",
                Libc.socket(
                        ipv6 ? Libc.AF_INET6 : Libc.AF_INET,
                        Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK,
                        way == Way.ECHO ? echo : 0));
    }

    /** From this interface and this address of it to the target. */
    void prepare(String interfaceName, int ifindex, InetAddress source) {
        ByteBuffer scratch = buffers.scratch();
        InterfaceName.put(scratch, 0, interfaceName);
        Libc.check(
                "SO_BINDTODEVICE",
                Libc.setsockopt(fd, Libc.SOL_SOCKET, Libc.SO_BINDTODEVICE, scratch, InterfaceName.IFNAMSIZ));
        if (ipv6) {
            setOption("IPV6_MTU_DISCOVER", IPPROTO_IPV6, IPV6_MTU_DISCOVER, PROBE);
            setOption("IPV6_DONTFRAG", IPPROTO_IPV6, IPV6_DONTFRAG, 1);
            setOption("IPV6_RECVERR", IPPROTO_IPV6, IPV6_RECVERR, 1);
        } else {
            setOption("IP_MTU_DISCOVER", IPPROTO_IP, IP_MTU_DISCOVER, PROBE);
            setOption("IP_RECVERR", IPPROTO_IP, IP_RECVERR, 1);
        }
        int length = InternetAddress.put(scratch, source, 0, ifindex);
        Libc.check("bind", Libc.bind(fd, scratch, length));
        InternetAddress.put(scratch, target, PORT, ifindex);
        Libc.check("connect", Libc.connect(fd, scratch, length));
    }

    private void setOption(String name, int level, int option, int value) {
        ByteBuffer scratch = buffers.scratch().putInt(0, value);
        Libc.check(name, Libc.setsockopt(fd, level, option, scratch, Integer.BYTES));
    }

    int fd() {
        return fd;
    }

    /** The length of the shortest packet to an address, with all headers, in bytes. */
    public static int shortest(InetAddress target) {
        return headers(target instanceof Inet6Address) + PAYLOAD;
    }

    private static int headers(boolean ipv6) {
        return (ipv6 ? IPV6_HEADER : IPV4_HEADER) + HEADER;
    }

    /**
     * Sends a packet.
     *
     * @param sequence its number, 0 to 65535
     * @param length of the whole IP packet, at least {@link #shortest}, in bytes
     * @return why it was not sent; {@code EMSGSIZE} where it is longer than the interface's MTU
     */
    public Optional<Errno> send(int sequence, int length) {
        ByteBuffer packet = buffers.outgoing();
        int data = length - headers(ipv6);
        int start = 0;
        if (way == Way.ECHO) {
            start = HEADER;
            packet.putLong(0, 0).put(0, ipv6 ? ECHO_REQUEST6 : ECHO_REQUEST);
            BigEndian.put16(packet, 6, sequence);
        }
        packet.putLong(start, number).putLong(start + Long.BYTES, sequence);
        int size = start + data;
        // The first attempt may report the error of an earlier packet instead of sending this one.
        return trySend(packet, size).isEmpty() ? Optional.empty() : trySend(packet, size);
    }

    private Optional<Errno> trySend(ByteBuffer packet, int size) {
        return Libc.send(fd, packet, size, Libc.MSG_DONTWAIT) < 0 ? Optional.of(Libc.errno()) : Optional.empty();
    }

    /** All that was heard since the last call. Answers to the packets of other sockets are left out. */
    public List<Event> receive() {
        List<Event> heard = new ArrayList<>();
        for (Optional<QueuedError> error = buffers.errors().next(fd);
                error.isPresent();
                error = buffers.errors().next(fd)) {
            event(error.get()).ifPresent(heard::add);
        }
        ByteBuffer packet = buffers.incoming();
        for (long size = receive(packet); size >= 0; size = receive(packet)) {
            if (way == Way.ECHO && size >= HEADER + PAYLOAD && packet.get(0) == (ipv6 ? ECHO_REPLY6 : ECHO_REPLY)) {
                sequence(packet, HEADER).map(Event.Answered::new).ifPresent(heard::add);
            }
        }
        return heard;
    }

    /** The first attempt may report an error that was taken from the queue already. */
    private long receive(ByteBuffer packet) {
        long size = tryReceive(packet);
        return size < 0 && !Libc.errno().equals(Errno.EAGAIN) ? tryReceive(packet) : size;
    }

    private long tryReceive(ByteBuffer packet) {
        return Libc.recv(fd, packet, packet.capacity(), Libc.MSG_DONTWAIT);
    }

    private Optional<Event> event(QueuedError error) {
        if (error.errno().equals(Errno.EMSGSIZE)) {
            return Optional.of(new Event.TooLong(error.info()));
        }
        return error.offender().equals(Optional.of(target))
                ? refused(error).map(Event.Answered::new)
                : Optional.of(new Event.Unreachable(error.offender(), error.errno()));
    }

    /** The sequence of a packet that the target received and refused: that is an answer, too. */
    private Optional<Integer> refused(QueuedError error) {
        int start = way == Way.ECHO ? HEADER : 0;
        return error.length() >= start + PAYLOAD ? sequence(buffers.incoming(), start) : Optional.empty();
    }

    private Optional<Integer> sequence(ByteBuffer packet, int start) {
        return packet.getLong(start) == number
                ? Optional.of((int) packet.getLong(start + Long.BYTES))
                : Optional.empty();
    }

    @Override
    public void close() {
        Libc.close(fd);
    }
}
