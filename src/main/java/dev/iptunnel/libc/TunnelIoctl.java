package dev.iptunnel.libc;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Function;

/**
 * The tunnel ioctls of {@code linux/if_tunnel.h}, over one socket. All but the get calls need {@code CAP_NET_ADMIN}.
 *
 * <p>Failures are {@link LibcException} with the kernel's errno, which the drivers choose differently: a name or
 * endpoints that exist are {@code EEXIST}, but {@code ENOBUFS} of {@code sit}. Thread-safe, one call at a time.
 */
public final class TunnelIoctl implements AutoCloseable {
    private static final int SIOCGETTUNNEL = 0x89F0;
    private static final int SIOCADDTUNNEL = 0x89F1;
    private static final int SIOCDELTUNNEL = 0x89F2;
    private static final int SIOCCHGTUNNEL = 0x89F3;

    private final ByteBuffer ifreq = Libc.buffer(Ifreq.SIZE);
    private final ByteBuffer parm = Libc.buffer(Math.max(IpTunnelParm.SIZE, Ip6TnlParm2.SIZE));
    private final long parmAddress = Pointer.nativeValue(Native.getDirectBufferPointer(parm));
    private int fd = Libc.check("socket", Libc.socket(Libc.AF_INET, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0));

    /**
     * SIOCADDTUNNEL: makes a tunnel, which is down.
     *
     * @param baseDevice the driver's fallback device: {@code tunl0}, {@code sit0}, {@code ip6tnl0}; of another family than
     *     the parameters, the kernel takes them as garbage
     */
    public synchronized void add(String baseDevice, TunnelParm parameters) {
        encode(parameters);
        call("SIOCADDTUNNEL", SIOCADDTUNNEL, baseDevice, parameters.name());
    }

    /** SIOCCHGTUNNEL: replaces all parameters. The name must be the tunnel's own, never the base device's. */
    public synchronized void change(String name, TunnelParm parameters) {
        encode(parameters);
        call("SIOCCHGTUNNEL", SIOCCHGTUNNEL, name, name);
    }

    /** SIOCDELTUNNEL. The name must be the tunnel's own; a fallback device is {@code EPERM}. */
    public synchronized void delete(String name) {
        clear();
        call("SIOCDELTUNNEL", SIOCDELTUNNEL, name, name);
    }

    /** SIOCGETTUNNEL of an {@code ipip} or {@code sit} tunnel. A missing name makes the kernel look for a module. */
    public IpTunnelParm get4(String name) {
        return get(name, IpTunnelParm::decode);
    }

    /** SIOCGETTUNNEL of an {@code ip6tnl} tunnel. A missing name makes the kernel look for a module. */
    public Ip6TnlParm2 get6(String name) {
        return get(name, Ip6TnlParm2::decode);
    }

    private synchronized <P extends TunnelParm> P get(String name, Function<ByteBuffer, P> decoder) {
        clear();
        call("SIOCGETTUNNEL", SIOCGETTUNNEL, name, name);
        return decoder.apply(parm);
    }

    /** close(2). */
    @Override
    public synchronized void close() {
        if (fd >= 0) {
            int closing = fd;
            fd = -1;
            Libc.check("close", Libc.close(closing));
        }
    }

    private void encode(TunnelParm parameters) {
        clear();
        parameters.encode(parm);
    }

    private void clear() {
        parm.put(0, new byte[parm.capacity()]);
    }

    private void call(String operation, int request, String device, String interfaceName) {
        new Ifreq(device, parmAddress).encode(ifreq);
        if (Libc.ioctl(fd, request, ifreq) < 0) {
            throw new LibcException(operation, Libc.errno(), Optional.of(interfaceName));
        }
    }
}
