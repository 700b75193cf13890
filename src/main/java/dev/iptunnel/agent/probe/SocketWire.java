package dev.iptunnel.agent.probe;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.libc.LibcException;
import dev.iptunnel.libc.ProbeSocket;
import dev.iptunnel.libc.ProbeSocket.Way;
import dev.iptunnel.libc.ProbeSockets;
import dev.iptunnel.probe.ProbeObstacle;
import dev.iptunnel.probe.ProbeSubject;
import dev.iptunnel.probe.ProbeWire;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Sends probes through sockets, one for each probe that is under way. Only {@link #end} and {@link #wake} may be called by
 * other threads than the one that waits; the caller takes care that no two calls except a wait run at the same time.
 */
final class SocketWire implements ProbeWire, AutoCloseable {
    private final Map<String, Conversation> open = new HashMap<>();
    /** Of probes that are over. The waiting thread may still wait on them, so it closes them. */
    private final List<ProbeSocket> over = new ArrayList<>();

    private Optional<ProbeSockets> sockets = Optional.empty();

    /** @param obstacle that the way has, although packets are sent */
    private record Conversation(ProbeSocket socket, ProbeSubject subject, Optional<ProbeObstacle> obstacle) {}

    /** The socket of a tunnel that was probed when a wait began. */
    record Heard(String tunnel, ProbeSubject subject, ProbeSocket socket) {}

    @Override
    public Optional<ProbeObstacle> send(String tunnel, ProbeSubject subject, int sequence, int length) {
        try {
            Conversation conversation = open.get(tunnel);
            if (conversation == null) {
                conversation = open(subject);
                open.put(tunnel, conversation);
            }
            Optional<ProbeObstacle> obstacle = conversation.obstacle();
            return conversation
                    .socket()
                    .send(sequence, length)
                    .flatMap(errno -> ProbeErrors.ofSend(subject, errno))
                    .or(() -> obstacle);
        } catch (LibcException e) {
            return Optional.of(ProbeErrors.ofSocket(subject, e));
        }
    }

    private Conversation open(ProbeSubject subject) {
        try {
            return new Conversation(open(Way.ECHO, subject), subject, Optional.empty());
        } catch (LibcException e) {
            if (!e.errno().equals(Errno.EACCES)) {
                throw e;
            }
            return new Conversation(open(Way.CLOSED_PORT, subject), subject, Optional.of(ProbeErrors.NO_ICMP_SOCKETS));
        }
    }

    private ProbeSocket open(Way way, ProbeSubject subject) {
        return sockets().open(way, subject.interfaceName(), subject.ifindex(), subject.source(), subject.target());
    }

    @Override
    public void end(String tunnel) {
        Conversation ended = open.remove(tunnel);
        if (ended != null) {
            over.add(ended.socket());
        }
    }

    @Override
    public int shortest(InetAddress target) {
        return ProbeSocket.shortest(target);
    }

    /** The sockets that a wait is for; those of probes that are over are closed. */
    List<Heard> underWay() {
        over.forEach(ProbeSocket::close);
        over.clear();
        return open.entrySet().stream()
                .map(entry -> new Heard(
                        entry.getKey(),
                        entry.getValue().subject(),
                        entry.getValue().socket()))
                .toList();
    }

    /** Whether the probe that the socket was opened for is still under way. */
    boolean isUnderWay(Heard heard) {
        Conversation conversation = open.get(heard.tunnel());
        return conversation != null && conversation.socket() == heard.socket();
    }

    /** Waits until some of them have something to receive; {@link #wake} ends the wait. */
    static List<Heard> await(ProbeSockets sockets, List<Heard> underWay, Duration timeout) {
        List<ProbeSocket> ready =
                sockets.await(underWay.stream().map(Heard::socket).toList(), timeout);
        return underWay.stream().filter(each -> ready.contains(each.socket())).toList();
    }

    /** Opened when they are first needed. */
    ProbeSockets sockets() {
        ProbeSockets present = sockets.orElseGet(ProbeSockets::new);
        sockets = Optional.of(present);
        return present;
    }

    void wake() {
        sockets.ifPresent(ProbeSockets::wake);
    }

    @Override
    public void close() {
        open.values().forEach(conversation -> conversation.socket().close());
        open.clear();
        underWay();
        sockets.ifPresent(ProbeSockets::close);
        sockets = Optional.empty();
    }
}
