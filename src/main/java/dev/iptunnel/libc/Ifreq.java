package dev.iptunnel.libc;

import java.nio.ByteBuffer;

/**
 * {@code struct ifreq} of netdevice(7) on 64-bit kernels, with a pointer in its union.
 *
 * @param name of the interface
 * @param data {@code ifr_data}, the address of the struct that the ioctl reads
 */
record Ifreq(String name, long data) {
    static final int SIZE = 40;
    private static final int NAME = 0;
    private static final int DATA = 16;

    /** At the start of a buffer in native order. */
    void encode(ByteBuffer buffer) {
        buffer.put(0, new byte[SIZE]);
        InterfaceName.put(buffer, NAME, name);
        buffer.putLong(DATA, data);
    }
}
