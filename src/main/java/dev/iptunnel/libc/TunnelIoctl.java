package dev.iptunnel.libc;

import dev.iptunnel.netlink.link.TunnelAttributes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The tunnel ioctls of {@code linux/if_tunnel.h} that change and delete, over one socket. They need {@code CAP_NET_ADMIN}.
 *
 * <p>Failures are {@link LibcException} with the kernel's errno. Thread-safe, without a lock around a call, so that threads
 * that delete wait for RCU at the same time. {@link #close} waits for the calls that go on; those after it fail with
 * {@code EBADF}.
 */
public final class TunnelIoctl implements AutoCloseable {
    private static final int SIOCDELTUNNEL = 0x89F2;
    private static final int SIOCCHGTUNNEL = 0x89F3;

    private final WakeableSocket socket = WakeableSocket.open(Libc.AF_INET, Libc.SOCK_DGRAM, 0);

    /**
     * SIOCCHGTUNNEL: replaces all parameters that the struct has a field for.
     *
     * @param name of the tunnel itself, never of the driver's fallback device
     * @param attributes fwmark, encapsulation, metadata and 6rd are not sent
     */
    public void change(String name, TunnelAttributes attributes) {
        call("SIOCCHGTUNNEL", SIOCCHGTUNNEL, name, buffer -> TunnelStruct.encode(name, attributes, buffer));
    }

    /**
     * SIOCDELTUNNEL.
     *
     * @param name of the tunnel itself; a fallback device is {@code EPERM}
     */
    public void delete(String name) {
        call("SIOCDELTUNNEL", SIOCDELTUNNEL, name, _ -> {});
    }

    /** close(2). */
    @Override
    public void close() {
        socket.close();
    }

    /** The {@code struct ifreq} points to the tunnel's struct, which follows it in one piece of memory. */
    private void call(String operation, int request, String name, Consumer<ByteBuffer> struct) {
        ByteBuffer memory = Libc.buffer(Ifreq.SIZE + TunnelStruct.SIZE);
        new Ifreq(name, Libc.address(memory) + Ifreq.SIZE).encode(memory);
        struct.accept(memory.slice(Ifreq.SIZE, TunnelStruct.SIZE).order(ByteOrder.nativeOrder()));
        try {
            socket.call(operation, fd -> Libc.ioctl(fd, request, memory));
        } catch (LibcException e) {
            throw new LibcException(operation, e.errno(), Optional.of(name));
        }
    }
}
