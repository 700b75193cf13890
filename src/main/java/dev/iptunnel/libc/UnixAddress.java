package dev.iptunnel.libc;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * {@code struct sockaddr_un} with an abstract name, see unix(7). Such a name ends with its holder, and has no
 * permissions.
 */
record UnixAddress(ByteBuffer bytes) {
    private static final int PATH = 2;
    private static final int PATH_SIZE = 108;

    static UnixAddress ofAbstract(String name) {
        byte[] path = name.getBytes(StandardCharsets.UTF_8);
        if (path.length == 0 || path.length >= PATH_SIZE) {
            throw new IllegalArgumentException("an abstract socket's name has 1 to 107 bytes: " + name);
        }
        return new UnixAddress(Libc.buffer(PATH + 1 + path.length)
                .putShort(0, (short) Libc.AF_UNIX)
                .put(PATH + 1, path));
    }

    int length() {
        return bytes.capacity();
    }
}
