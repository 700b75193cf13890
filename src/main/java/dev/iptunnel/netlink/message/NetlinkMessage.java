package dev.iptunnel.netlink.message;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One netlink message as received, {@code struct nlmsghdr} of netlink(7).
 *
 * @param payload what follows the header, in host byte order
 */
public record NetlinkMessage(int type, int flags, int sequence, int portId, ByteBuffer payload) {
    public static final int HEADER = 16;

    static final int NLMSG_NOOP = 1;
    public static final int NLMSG_ERROR = 2;
    public static final int NLMSG_DONE = 3;
    public static final int NLMSG_OVERRUN = 4;

    static final int NLM_F_REQUEST = 0x1;
    public static final int NLM_F_ACK = 0x4;
    static final int NLM_F_DUMP_INTR = 0x10;
    public static final int NLM_F_DUMP = 0x300;
    /** Of a request, and of a notification. */
    public static final int NLM_F_REPLACE = 0x100;

    public static final int NLM_F_EXCL = 0x200;
    public static final int NLM_F_CREATE = 0x400;
    public static final int NLM_F_APPEND = 0x800;
    /** In an error message only. */
    public static final int NLM_F_CAPPED = 0x100;

    public static final int NLM_F_ACK_TLVS = 0x200;

    private static final int NLMSGERR_ATTR_MSG = 1;

    public static List<NetlinkMessage> split(byte[] datagram) {
        ByteBuffer buffer = ByteBuffer.wrap(datagram).order(ByteOrder.nativeOrder());
        List<NetlinkMessage> messages = new ArrayList<>();
        while (buffer.hasRemaining()) {
            int start = buffer.position();
            int remaining = buffer.remaining();
            int length = remaining < HEADER ? 0 : buffer.getInt(start);
            if (length < HEADER || length > remaining) {
                throw NetlinkException.malformed("message of " + length + " bytes in " + remaining);
            }
            messages.add(new NetlinkMessage(
                    Short.toUnsignedInt(buffer.getShort(start + 4)),
                    Short.toUnsignedInt(buffer.getShort(start + 6)),
                    buffer.getInt(start + 8),
                    buffer.getInt(start + 12),
                    buffer.slice(start + HEADER, length - HEADER).order(ByteOrder.nativeOrder())));
            buffer.position(Math.min(buffer.limit(), start + AttributeReader.align(length)));
        }
        return messages;
    }

    public boolean has(int flag) {
        return (flags & flag) == flag;
    }

    /** The fixed part of the payload. */
    public ByteBuffer fixed(int size) {
        if (payload.limit() < size) {
            throw NetlinkException.malformed(
                    "message of type " + type + " has " + payload.limit() + " bytes, not " + size);
        }
        return payload;
    }

    /** The attributes after a fixed part of this size. */
    public AttributeReader attributes(int fixedSize) {
        int start = Math.min(AttributeReader.align(fixedSize), fixed(fixedSize).limit());
        return new AttributeReader(payload.slice(start, payload.limit() - start));
    }

    /** The negative errno, or zero, at the start of NLMSG_ERROR and NLMSG_DONE. */
    int error() {
        return fixed(4).getInt(0);
    }

    /** NLMSGERR_ATTR_MSG of the extended acknowledgement of an NLMSG_ERROR or NLMSG_DONE. */
    Optional<String> explanation() {
        if (!has(NLM_F_ACK_TLVS)) {
            return Optional.empty();
        }
        AttributeReader reader = attributes(type == NLMSG_DONE ? 4 : errorHead());
        while (reader.next()) {
            if (reader.type() == NLMSGERR_ATTR_MSG) {
                return Optional.of(reader.string());
            }
        }
        return Optional.empty();
    }

    /** The size of the errno, the request's header and, unless it was cut off (NETLINK_CAP_ACK), the request's payload. */
    private int errorHead() {
        int head = 4 + HEADER;
        if (has(NLM_F_CAPPED)) {
            return head;
        }
        int requested = fixed(head).getInt(4) - HEADER;
        if (requested < 0 || requested > payload.limit() - head) {
            throw NetlinkException.malformed("error message that quotes " + requested + " bytes");
        }
        return head + requested;
    }
}
