package dev.iptunnel.bench;

import dev.iptunnel.netlink.message.NetlinkTransport;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what goes to the kernel and what comes back. */
final class CountedTransport implements NetlinkTransport {
    private final NetlinkTransport socket;
    private final Traffic traffic;

    CountedTransport(NetlinkTransport socket, Traffic traffic) {
        this.socket = socket;
        this.traffic = traffic;
    }

    /** Requests, and bytes received, of several sockets. */
    static final class Traffic {
        private final AtomicLong requests = new AtomicLong();
        private final AtomicLong bytes = new AtomicLong();

        long requests() {
            return requests.get();
        }

        long bytes() {
            return bytes.get();
        }
    }

    @Override
    public void send(byte[] datagram) {
        traffic.requests.incrementAndGet();
        socket.send(datagram);
    }

    @Override
    public Optional<byte[]> receive(Duration timeout) {
        Optional<byte[]> datagram = socket.receive(timeout);
        datagram.ifPresent(received -> traffic.bytes.addAndGet(received.length));
        return datagram;
    }

    @Override
    public int portId() {
        return socket.portId();
    }

    @Override
    public void close() {
        socket.close();
    }
}
