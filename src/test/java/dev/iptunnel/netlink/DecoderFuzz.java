package dev.iptunnel.netlink;

import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.message.Conversation;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.netlink.message.NetlinkMessage;
import dev.iptunnel.netlink.route.RouteFilter;
import dev.iptunnel.tunnel.Mark;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * The target of e2e/fuzz: for any bytes, a decoder gives a value or fails with a {@link NetlinkException}. The first byte
 * chooses the decoder, so one corpus has inputs for all of them.
 */
public final class DecoderFuzz {
    private static final int TARGETS = 5;
    private static final int IFINDEX = 7;

    private DecoderFuzz() {}

    /** The entry point of Jazzer. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        byte[] rest = Arrays.copyOfRange(input, 1, input.length);
        switch (Math.floorMod(input[0], TARGETS)) {
            case 0 -> notifications(rest);
            case 1 -> answers(rest);
            case 2 -> mark(rest);
            case 3 -> dump(rest);
            default -> extendedAcknowledgement(rest);
        }
    }

    /** Never fails, since a message that cannot be decoded is a notification as well. */
    private static void notifications(byte[] datagram) {
        NetlinkWatch watch = new NetlinkWatch(new ScriptedTransport().notifying(datagram));
        while (watch.next(Duration.ZERO).isPresent()) {
            // the next
        }
    }

    private static void answers(byte[] datagram) {
        attempt(() -> rtnetlink(datagram).link("eth0"));
        attempt(() -> rtnetlink(datagram).link(IFINDEX));
        attempt(() -> rtnetlink(datagram).route(InetAddress.ofLiteral("192.0.2.1"), OptionalInt.empty()));
    }

    private static void dump(byte[] datagram) {
        attempt(() -> rtnetlink(datagram).links());
        attempt(() -> rtnetlink(datagram).links("ipip"));
        attempt(() -> rtnetlink(datagram).addresses());
        attempt(() -> rtnetlink(datagram).addresses(IFINDEX));
        for (AddressFamily family : AddressFamily.values()) {
            attempt(() -> rtnetlink(datagram).routes(RouteFilter.of(family).withOif(IFINDEX)));
            attempt(() -> rtnetlink(datagram).rules(family));
        }
    }

    private static void extendedAcknowledgement(byte[] payload) {
        byte[] message = ByteBuffer.allocate(NetlinkMessage.HEADER + payload.length)
                .order(ByteOrder.nativeOrder())
                .putInt(NetlinkMessage.HEADER + payload.length)
                .putShort((short) NetlinkMessage.NLMSG_ERROR)
                .putShort((short) NetlinkMessage.NLM_F_ACK_TLVS)
                .putInt(0)
                .putInt(0)
                .put(payload)
                .array();
        attempt(() -> rtnetlink(message).changes().setMaster(IFINDEX, 0));
    }

    private static Rtnetlink rtnetlink(byte[] datagram) {
        ScriptedTransport transport = new ScriptedTransport();
        for (int attempt = 0; attempt < Conversation.DUMP_ATTEMPTS; attempt++) {
            transport.answering(datagram);
        }
        return new Rtnetlink(transport);
    }

    private static void attempt(Runnable read) {
        try {
            read.run();
        } catch (NetlinkException expected) {
            // a decoder fails like this
        }
    }

    /** A mark that can be read is the same after it was written and read again. */
    private static void mark(byte[] alias) {
        Optional<Mark> mark = Mark.parse(new String(alias, StandardCharsets.UTF_8));
        mark.ifPresent(read -> {
            if (!Mark.parse(read.toString()).equals(mark)) {
                throw new IllegalStateException(read + " reads as another mark");
            }
        });
    }

    /** The first inputs: messages that a kernel sent, and a mark. */
    static List<byte[]> seeds(List<Capture> captures, Mark mark) {
        return Stream.concat(
                        captures.stream()
                                .flatMap(capture -> capture.received().stream())
                                .flatMap(
                                        datagram -> Stream.of(seed(0, datagram), seed(1, datagram), seed(3, datagram))),
                        Stream.of(seed(2, mark.toString().getBytes(StandardCharsets.UTF_8))))
                .toList();
    }

    private static byte[] seed(int target, byte[] input) {
        return ByteBuffer.allocate(1 + input.length)
                .put((byte) target)
                .put(input)
                .array();
    }
}
