package dev.iptunnel.netlink.message;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/** Writes one netlink message: header, fixed part, attributes; all in the host's byte order. */
public final class MessageBuilder {
    private static final int FIRST_CAPACITY = 128;
    private static final int NLA_F_NESTED = 1 << 15;

    final MessageType type;
    private ByteBuffer buffer = ByteBuffer.allocate(FIRST_CAPACITY).order(ByteOrder.nativeOrder());

    /** NLM_F_REQUEST is added to the flags. */
    public MessageBuilder(MessageType type, int flags) {
        this.type = type;
        int all = NetlinkMessage.NLM_F_REQUEST | flags;
        buffer.putInt(0)
                .putShort((short) type.number)
                .putShort((short) all)
                .putInt(0)
                .putInt(0);
    }

    public MessageBuilder u8(int value) {
        room(1).put((byte) value);
        return this;
    }

    public MessageBuilder u16(int value) {
        room(2).putShort((short) value);
        return this;
    }

    public MessageBuilder u32(int value) {
        room(4).putInt(value);
        return this;
    }

    public MessageBuilder attribute(int type, int value) {
        return header(type, 4).u32(value);
    }

    public MessageBuilder attributeU8(int type, int value) {
        return attribute(type, new byte[] {(byte) value});
    }

    public MessageBuilder attributeU16(int type, int value) {
        return header(type, 2).u16(value).u16(0);
    }

    public MessageBuilder attributeU32BigEndian(int type, int value) {
        return attribute(type, ByteBuffer.allocate(4).putInt(value).array());
    }

    /** Adds the zero byte at the end. */
    public MessageBuilder attribute(int type, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        return attribute(type, Arrays.copyOf(bytes, bytes.length + 1));
    }

    public MessageBuilder attribute(int type, InetAddress value) {
        return attribute(type, value.getAddress());
    }

    public MessageBuilder attribute(int type, byte[] value) {
        header(type, value.length);
        int padding = AttributeReader.align(value.length) - value.length;
        room(value.length + padding).put(value).put(new byte[padding]);
        return this;
    }

    /**
     * Attributes within an attribute, with NLA_F_NESTED: some requests of newer kernels need the flag, older kernels
     * ignore it.
     */
    public MessageBuilder nested(int type, Consumer<MessageBuilder> content) {
        int start = buffer.position();
        content.accept(header(type | NLA_F_NESTED, 0));
        buffer.putShort(start, (short) (buffer.position() - start));
        return this;
    }

    public byte[] build(int sequence) {
        buffer.putInt(0, buffer.position()).putInt(8, sequence);
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    private MessageBuilder header(int type, int length) {
        return u16(AttributeReader.HEADER + length).u16(type);
    }

    private ByteBuffer room(int bytes) {
        if (buffer.remaining() < bytes) {
            byte[] larger = Arrays.copyOf(buffer.array(), buffer.capacity() * 2 + bytes);
            buffer = ByteBuffer.wrap(larger).order(ByteOrder.nativeOrder()).position(buffer.position());
        }
        return buffer;
    }
}
