package dev.iptunnel.netlink.message;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Walks over the attributes in a buffer. The value methods read the attribute that the last {@link #next} moved to. */
public final class AttributeReader {
    static final int HEADER = 4;
    private static final int TYPE_MASK = 0x3fff;

    private final ByteBuffer buffer;
    private int type;
    private int value;
    private int length;

    /** Reads from the buffer's position to its limit, and does not change the buffer. */
    public AttributeReader(ByteBuffer buffer) {
        this.buffer = buffer.slice().order(ByteOrder.nativeOrder());
    }

    public boolean next() {
        int remaining = buffer.remaining();
        if (remaining < HEADER) {
            if (remaining > 0) {
                throw NetlinkException.malformed(remaining + " bytes after the last attribute");
            }
            return false;
        }
        int start = buffer.position();
        int whole = Short.toUnsignedInt(buffer.getShort(start));
        if (whole < HEADER || whole > remaining) {
            throw NetlinkException.malformed("attribute of " + whole + " bytes in " + remaining);
        }
        type = buffer.getShort(start + 2) & TYPE_MASK;
        value = start + HEADER;
        length = whole - HEADER;
        buffer.position(Math.min(buffer.limit(), start + align(whole)));
        return true;
    }

    public static int align(int size) {
        return (size + 3) & ~3;
    }

    public int type() {
        return type;
    }

    public int u8() {
        return Byte.toUnsignedInt(buffer.get(at(1)));
    }

    public int u16() {
        return Short.toUnsignedInt(buffer.getShort(at(2)));
    }

    public int u16BigEndian() {
        int at = at(2);
        return Byte.toUnsignedInt(buffer.get(at)) << 8 | Byte.toUnsignedInt(buffer.get(at + 1));
    }

    public int u32() {
        return buffer.getInt(at(4));
    }

    public int u32BigEndian() {
        int host = buffer.getInt(at(4));
        return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? host : Integer.reverseBytes(host);
    }

    /** The text up to the first zero byte, or all of it. */
    public String string() {
        byte[] bytes = bytes();
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }

    /** IPv4 or IPv6 by its length; an IPv4-mapped address stays IPv6. */
    public InetAddress address() {
        return address(bytes());
    }

    public Inet4Address inet4() {
        if (address() instanceof Inet4Address inet4) {
            return inet4;
        }
        throw wrongFamily();
    }

    public Inet6Address inet6() {
        if (address() instanceof Inet6Address inet6) {
            return inet6;
        }
        throw wrongFamily();
    }

    /** {@code struct rtvia}: two bytes of family, then the address. */
    public InetAddress via() {
        at(2);
        byte[] bytes = bytes();
        return address(Arrays.copyOfRange(bytes, 2, bytes.length));
    }

    private InetAddress address(byte[] bytes) {
        try {
            return switch (bytes.length) {
                case 4 -> InetAddress.getByAddress(bytes);
                case 16 -> Inet6Address.getByAddress(null, bytes, -1);
                default ->
                    throw NetlinkException.malformed("address of " + bytes.length + " bytes in attribute " + type);
            };
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private NetlinkException wrongFamily() {
        return NetlinkException.malformed("address of the other family in attribute " + type);
    }

    byte[] bytes() {
        byte[] bytes = new byte[length];
        buffer.get(value, bytes);
        return bytes;
    }

    public AttributeReader nested() {
        return new AttributeReader(payload());
    }

    /** The bytes of the value, as a buffer in host byte order. */
    public ByteBuffer payload() {
        return buffer.slice(value, length).order(ByteOrder.nativeOrder());
    }

    public Attribute copy() {
        return new Attribute(type, bytes());
    }

    private int at(int size) {
        if (length < size) {
            throw NetlinkException.malformed("attribute " + type + " has " + length + " bytes, not " + size);
        }
        return value;
    }
}
