package dev.iptunnel.libc;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The tunnel ioctls of {@code linux/if_tunnel.h}, over one socket. All but the get calls need {@code CAP_NET_ADMIN}.
 *
 * <p>Failures are {@link LibcException} with the kernel's errno, which the drivers choose differently: a name or
 * endpoints that exist are {@code EEXIST}, but {@code ENOBUFS} of {@code sit}. Thread-safe, and without a lock around a
 * call: many threads that delete wait for RCU together. {@link #close} waits for the calls that go on; those after it
 * fail with {@code EBADF}.
 */
public final class TunnelIoctl implements AutoCloseable {
    private static final int SIOCGETTUNNEL = 0x89F0;
    private static final int SIOCADDTUNNEL = 0x89F1;
    private static final int SIOCDELTUNNEL = 0x89F2;
    private static final int SIOCCHGTUNNEL = 0x89F3;
    private static final int PARM = Math.max(IpTunnelParm.SIZE, Ip6TnlParm2.SIZE);

    private final WakeableSocket socket = WakeableSocket.open(Libc.AF_INET, Libc.SOCK_DGRAM, 0);

    /**
     * SIOCADDTUNNEL: makes a tunnel, which is down.
     *
     * @param baseDevice the driver's fallback device: {@code tunl0}, {@code sit0}, {@code ip6tnl0}; of another family than
     *     the parameters, the kernel takes them as garbage
     */
    public void add(String baseDevice, TunnelParm parameters) {
        call("SIOCADDTUNNEL", SIOCADDTUNNEL, baseDevice, parameters.name(), parameters::encode);
    }

    /** SIOCCHGTUNNEL: replaces all parameters. The name must be the tunnel's own, never the base device's. */
    public void change(String name, TunnelParm parameters) {
        call("SIOCCHGTUNNEL", SIOCCHGTUNNEL, name, name, parameters::encode);
    }

    /** SIOCDELTUNNEL. The name must be the tunnel's own; a fallback device is {@code EPERM}. */
    public void delete(String name) {
        call("SIOCDELTUNNEL", SIOCDELTUNNEL, name, name, parm -> {});
    }

    /** SIOCGETTUNNEL of an {@code ipip} or {@code sit} tunnel. A missing name makes the kernel look for a module. */
    public IpTunnelParm get4(String name) {
        return IpTunnelParm.decode(get(name));
    }

    /** SIOCGETTUNNEL of an {@code ip6tnl} tunnel. A missing name makes the kernel look for a module. */
    public Ip6TnlParm2 get6(String name) {
        return Ip6TnlParm2.decode(get(name));
    }

    private ByteBuffer get(String name) {
        return ByteBuffer.wrap(call("SIOCGETTUNNEL", SIOCGETTUNNEL, name, name, parm -> {}))
                .order(ByteOrder.nativeOrder());
    }

    /** close(2). */
    @Override
    public void close() {
        socket.close();
    }

    /** @return the parameters as the kernel left them; the memory itself ends with the call */
    private byte[] call(
            String operation, int request, String device, String interfaceName, Consumer<ByteBuffer> parameters) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment parm = arena.allocate(PARM);
            parameters.accept(buffer(parm));
            ByteBuffer ifreq = buffer(arena.allocate(Ifreq.SIZE));
            new Ifreq(device, parm.address()).encode(ifreq);
            socket.call(operation, fd -> Libc.ioctl(fd, request, ifreq));
            return parm.toArray(ValueLayout.JAVA_BYTE);
        } catch (LibcException e) {
            throw new LibcException(operation, e.errno(), Optional.of(interfaceName));
        }
    }

    private static ByteBuffer buffer(MemorySegment memory) {
        return memory.asByteBuffer().order(ByteOrder.nativeOrder());
    }
}
