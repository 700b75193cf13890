package dev.iptunnel.kernel.read;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.kernel.KernelException;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.plan.Operation.ClearInet6Conf;
import dev.iptunnel.plan.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes {@code net.ipv6.conf} by its files, since rtnetlink can only read {@code IFLA_INET6_CONF}. In a pod
 * {@code /proc/sys} is read-only, so the directory may be mounted elsewhere, or not at all.
 */
public final class Inet6Sysctls {
    private static final Logger log = LoggerFactory.getLogger(Inet6Sysctls.class);
    /** Directories that are of no interface. The kernel gives no interface such a name. */
    private static final Set<String> OF_NO_INTERFACE = Set.of("all", "default");

    /** Exists where the kernel has IPv6, even where it is read-only. */
    private static final Path OF_THE_KERNEL = Path.of("/proc/sys/net/ipv6");

    private final Path conf;
    private volatile Optional<Boolean> writable = Optional.empty();

    /**
     * Nothing is written yet.
     *
     * @param directory {@code net/ipv6} below {@code /proc/sys}, or where that is mounted
     */
    public Inet6Sysctls(Path directory) {
        conf = directory.resolve("conf");
    }

    /**
     * Whether plans may write settings. This is looked up once. Where they may not, and the kernel has IPv6, the log
     * says so.
     */
    boolean isWritable() {
        return writable.orElseGet(this::look);
    }

    private synchronized boolean look() {
        if (writable.isEmpty()) {
            if (Files.isWritable(conf.resolve("default").resolve("accept_ra"))) {
                writable = Optional.of(true);
            } else {
                giveUp();
            }
        }
        return writable.orElseThrow();
    }

    private synchronized void giveUp() {
        if (!writable.equals(Optional.of(false)) && Files.exists(OF_THE_KERNEL)) {
            log.atWarn()
                    .log(
                            "{} cannot be written: tunnels that carry IPv6 keep their accept_ra and accept_redirects;"
                                    + " mount /proc/sys/net as deploy/base does, and start the agent again",
                            conf);
        }
        writable = Optional.of(false);
    }

    /**
     * Sets the setting to 0 for the interface of this ifindex and no other. The file goes by the name of the interface,
     * so the name is looked up while the file is open. Once the interface is renamed, the kernel refuses writes to the
     * open file.
     */
    public void clear(ClearInet6Conf clear, int index, Rtnetlink rtnetlink) {
        Path file = conf.resolve(clear.name()).resolve(clear.setting().toString());
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            if (!isStill(clear, index, rtnetlink)) {
                throw changedMeanwhile(clear, new IllegalStateException("not the interface that was observed"));
            }
            channel.write(ByteBuffer.wrap("0\n".getBytes(StandardCharsets.US_ASCII)));
        } catch (IOException e) {
            if (!isStill(clear, index, rtnetlink)) {
                throw changedMeanwhile(clear, e);
            }
            giveUp();
            throw failure(clear, Errno.EACCES, file + " cannot be written, which is not tried again", e);
        }
    }

    private static boolean isStill(ClearInet6Conf clear, int index, Rtnetlink rtnetlink) {
        return !OF_NO_INTERFACE.contains(clear.name())
                && rtnetlink
                        .link(index)
                        .filter(link -> link.name().equals(clear.name()))
                        .isPresent();
    }

    private static KernelException changedMeanwhile(ClearInet6Conf clear, Exception cause) {
        return failure(
                clear, Errno.EBUSY, "the interface changed after this was planned; the agent looks at it again", cause);
    }

    private static KernelException failure(ClearInet6Conf clear, Errno errno, String advice, Exception cause) {
        return new KernelException(Reason.KERNEL_ERROR, clear.toString(), clear.name(), errno, advice, cause);
    }
}
