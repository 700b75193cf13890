package dev.iptunnel.libc;

import java.nio.ByteBuffer;

/** {@code __be16} and {@code __be32} fields and addresses in a buffer of any order. */
final class BigEndian {
    private BigEndian() {}

    static void put16(ByteBuffer buffer, int offset, int value) {
        buffer.put(offset, (byte) (value >>> 8)).put(offset + 1, (byte) value);
    }

    static void put32(ByteBuffer buffer, int offset, int value) {
        put16(buffer, offset, value >>> 16);
        put16(buffer, offset + 2, value);
    }
}
