package dev.iptunnel.libc;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The tunnel ioctls of {@code linux/if_tunnel.h} that change and delete, over one socket. They need {@code CAP_NET_ADMIN}.
 *
 * <p>Failures are {@link LibcException} with the kernel's errno. Thread-safe, and without a lock around a call: many threads
 * that delete wait for RCU together. {@link #close} waits for the calls that go on; those after it fail with
 * {@code EBADF}.
 */
public final class TunnelIoctl implements AutoCloseable {
    private static final int SIOCDELTUNNEL = 0x89F2;
    private static final int SIOCCHGTUNNEL = 0x89F3;
    private static final int PARM = Math.max(IpTunnelParm.SIZE, Ip6TnlParm2.SIZE);

    private final WakeableSocket socket = WakeableSocket.open(Libc.AF_INET, Libc.SOCK_DGRAM, 0);

    /** SIOCCHGTUNNEL: replaces all parameters. The name must be the tunnel's own, never the base device's. */
    public void change(String name, TunnelParm parameters) {
        call("SIOCCHGTUNNEL", SIOCCHGTUNNEL, name, parameters::encode);
    }

    /** SIOCDELTUNNEL. The name must be the tunnel's own; a fallback device is {@code EPERM}. */
    public void delete(String name) {
        call("SIOCDELTUNNEL", SIOCDELTUNNEL, name, parm -> {});
    }

    /** close(2). */
    @Override
    public void close() {
        socket.close();
    }

    private void call(String operation, int request, String name, Consumer<ByteBuffer> parameters) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment parm = arena.allocate(PARM);
            parameters.accept(buffer(parm));
            ByteBuffer ifreq = buffer(arena.allocate(Ifreq.SIZE));
            new Ifreq(name, parm.address()).encode(ifreq);
            socket.call(operation, fd -> Libc.ioctl(fd, request, ifreq));
        } catch (LibcException e) {
            throw new LibcException(operation, e.errno(), Optional.of(name));
        }
    }

    private static ByteBuffer buffer(MemorySegment memory) {
        return memory.asByteBuffer().order(ByteOrder.nativeOrder());
    }
}
