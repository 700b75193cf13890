package dev.iptunnel.netlink;

import dev.iptunnel.netlink.message.AttributeReader;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.netlink.message.NetlinkMessage;
import dev.iptunnel.netlink.message.NetlinkTransport;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A transport that answers from a script. Answers get the address of the last request, unless they are for another
 * process.
 */
public final class ScriptedTransport implements NetlinkTransport {
    public static final int PORT = 4711;

    public final List<byte[]> sent = new ArrayList<>();
    private final Deque<Supplier<byte[]>> script = new ArrayDeque<>();
    private int sequence;

    public ScriptedTransport answering(Capture capture) {
        capture.received().forEach(this::answering);
        return this;
    }

    public ScriptedTransport answering(byte[] datagram) {
        script.add(() -> readdressed(datagram));
        return this;
    }

    public ScriptedTransport notifying(byte[] datagram) {
        script.add(() -> datagram);
        return this;
    }

    public ScriptedTransport failing(NetlinkException failure) {
        script.add(() -> {
            throw failure;
        });
        return this;
    }

    public int left() {
        return script.size();
    }

    @Override
    public void send(byte[] datagram) {
        sent.add(datagram);
        sequence = ByteBuffer.wrap(datagram).order(ByteOrder.nativeOrder()).getInt(8);
    }

    @Override
    public Optional<byte[]> receive(Duration timeout) {
        return Optional.ofNullable(script.poll()).map(Supplier::get);
    }

    @Override
    public int portId() {
        return PORT;
    }

    @Override
    public void close() {}

    /** A message that claims to be longer than the datagram is the last. */
    private byte[] readdressed(byte[] datagram) {
        ByteBuffer copy = ByteBuffer.wrap(datagram.clone()).order(ByteOrder.nativeOrder());
        int start = 0;
        while (start <= datagram.length - NetlinkMessage.HEADER) {
            int length = copy.getInt(start);
            copy.putInt(start + 8, sequence).putInt(start + 12, PORT);
            if (length < NetlinkMessage.HEADER || length > datagram.length - start) {
                break;
            }
            start += AttributeReader.align(length);
        }
        return copy.array();
    }
}
