package dev.iptunnel.libc;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** An interface name in a struct: {@code char[IFNAMSIZ]} of {@code linux/if.h}, which ends with a zero byte. */
final class InterfaceName {
    static final int IFNAMSIZ = 16;

    private InterfaceName() {}

    static void put(ByteBuffer buffer, int offset, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= IFNAMSIZ || name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("not an interface name: " + name);
        }
        buffer.put(offset, Arrays.copyOf(bytes, IFNAMSIZ));
    }
}
