package dev.iptunnel.netlink.message;

import static dev.iptunnel.netlink.message.NetlinkMessage.NLMSG_DONE;
import static dev.iptunnel.netlink.message.NetlinkMessage.NLMSG_ERROR;
import static dev.iptunnel.netlink.message.NetlinkMessage.NLMSG_NOOP;
import static dev.iptunnel.netlink.message.NetlinkMessage.NLMSG_OVERRUN;
import static dev.iptunnel.netlink.message.NetlinkMessage.NLM_F_DUMP_INTR;

import dev.iptunnel.errno.Errno;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Sends requests over one transport and reads their answers, which it knows by sequence number and port. It ignores other
 * messages. Thread-safe: a request that comes while another is answered waits for it.
 */
public final class Conversation {
    /** The kernel answers before send returns. After this time, something is broken. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    /** How often a dump is made where NLM_F_DUMP_INTR says that changes made it inconsistent. */
    public static final int DUMP_ATTEMPTS = 10;

    private static final int DRAIN_LIMIT = 10_000;

    private final NetlinkTransport transport;
    private int sequence;

    public Conversation(NetlinkTransport transport) {
        this.transport = transport;
    }

    /** Waits for the acknowledgement that the request asked for. */
    public synchronized void execute(MessageBuilder request, Optional<String> interfaceName) {
        answer(request, interfaceName);
    }

    /** The one message that answers. */
    public synchronized NetlinkMessage get(MessageBuilder request, Optional<String> interfaceName) {
        return answer(request, interfaceName)
                .orElseThrow(() -> new NetlinkException(
                        request.type.name(), Errno.EBADMSG, Optional.of("no data in the answer"), interfaceName));
    }

    /** Decodes each message, and leaves out those for which the decoder gives nothing. */
    public synchronized <T> List<T> dump(MessageBuilder request, Function<NetlinkMessage, Optional<T>> decoder) {
        for (int attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
            Optional<List<T>> result = dumpOnce(request, decoder);
            if (result.isPresent()) {
                return result.get();
            }
        }
        throw new NetlinkException(
                request.type.name(),
                Errno.EINTR,
                Optional.of("interrupted by changes " + DUMP_ATTEMPTS + " times"),
                Optional.empty());
    }

    private Optional<NetlinkMessage> answer(MessageBuilder request, Optional<String> interfaceName) {
        send(request);
        while (true) {
            for (NetlinkMessage message : receive(request)) {
                if (message.type() != NLMSG_ERROR) {
                    return Optional.of(message);
                }
                throwOnError(message, request.type, interfaceName);
                return Optional.empty();
            }
        }
    }

    /** Empty where changes interrupted the dump. */
    private <T> Optional<List<T>> dumpOnce(MessageBuilder request, Function<NetlinkMessage, Optional<T>> decoder) {
        List<T> result = new ArrayList<>();
        boolean interrupted = false;
        boolean ended = false;
        send(request);
        try {
            while (!ended) {
                for (NetlinkMessage message : receive(request)) {
                    interrupted |= message.has(NLM_F_DUMP_INTR);
                    if (message.type() == NLMSG_DONE || message.type() == NLMSG_ERROR) {
                        ended = true;
                        throwOnError(message, request.type, Optional.empty());
                    } else {
                        decoder.apply(message).ifPresent(result::add);
                    }
                }
            }
        } finally {
            if (!ended) {
                drain();
            }
        }
        return interrupted ? Optional.empty() : Optional.of(result);
    }

    private void send(MessageBuilder request) {
        sequence++;
        transport.send(request.build(sequence));
    }

    /** This request's messages of the next datagram that has any. */
    private List<NetlinkMessage> receive(MessageBuilder request) {
        List<NetlinkMessage> first = receive(request, PATIENCE);
        return first.isEmpty() ? receiveLater(request) : first;
    }

    private List<NetlinkMessage> receiveLater(MessageBuilder request) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        List<NetlinkMessage> ours = List.of();
        while (ours.isEmpty()) {
            ours = receive(request, Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
        }
        return ours;
    }

    /** Those of the next datagram, maybe none. */
    private List<NetlinkMessage> receive(MessageBuilder request, Duration timeout) {
        byte[] datagram = transport
                .receive(timeout)
                .orElseThrow(() -> new NetlinkException(request.type.name(), Errno.ETIMEDOUT));
        return NetlinkMessage.split(datagram).stream()
                .filter(message -> belongs(message, request.type))
                .toList();
    }

    private boolean belongs(NetlinkMessage message, MessageType type) {
        boolean ours = message.sequence() == sequence && message.portId() == transport.portId();
        if (ours && message.type() == NLMSG_OVERRUN) {
            throw new NetlinkOverrunException(type.name());
        }
        return ours && message.type() != NLMSG_NOOP;
    }

    private static void throwOnError(NetlinkMessage message, MessageType type, Optional<String> interfaceName) {
        int error = message.error();
        if (error < 0) {
            throw new NetlinkException(type.name(), new Errno(-error), message.explanation(), interfaceName);
        }
    }

    /** Reads the rest of a dump that failed: the kernel refuses another dump (EBUSY) while one goes on. */
    private void drain() {
        try {
            for (int i = 0; i < DRAIN_LIMIT; i++) {
                if (transport.receive(Duration.ZERO).isEmpty()) {
                    return;
                }
            }
        } catch (NetlinkException e) {
            return; // the failure before this one says more
        }
    }
}
