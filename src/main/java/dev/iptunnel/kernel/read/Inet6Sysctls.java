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
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
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

    /** How long nothing is written where the files cannot be. */
    private static final Duration PAUSE = Duration.ofMinutes(10);

    private final Path conf;
    private final LongSupplier nanoTime;
    private Optional<Boolean> writable = Optional.empty();
    private long gaveUpAt;
    private boolean told;

    /**
     * Nothing is written yet.
     *
     * @param directory {@code net/ipv6} below {@code /proc/sys}, or where that is mounted
     */
    public Inet6Sysctls(Path directory) {
        this(directory, System::nanoTime);
    }

    Inet6Sysctls(Path directory, LongSupplier nanoTime) {
        this.conf = directory.resolve("conf");
        this.nanoTime = nanoTime;
    }

    /**
     * Whether plans may write settings. This is looked up once; where they may not, it is looked up again every ten
     * minutes. If the kernel has IPv6 then, the log says so.
     */
    synchronized boolean isWritable() {
        if (writable.isEmpty() || (!writable.get() && nanoTime.getAsLong() - gaveUpAt >= PAUSE.toNanos())) {
            if (hasWritableFiles()) {
                writable = Optional.of(true);
            } else {
                giveUp();
            }
        }
        return writable.orElseThrow();
    }

    private boolean hasWritableFiles() {
        return Files.isWritable(conf.resolve("default").resolve("accept_ra"));
    }

    private synchronized void giveUp() {
        if (!told && Files.exists(OF_THE_KERNEL)) {
            log.atWarn()
                    .log(
                            "{} cannot be written: tunnels that carry IPv6 keep their accept_ra and accept_redirects;"
                                    + " mount /proc/sys/net as deploy/base does; this is tried again every {} minutes",
                            conf,
                            PAUSE.toMinutes());
            told = true;
        }
        writable = Optional.of(false);
        gaveUpAt = nanoTime.getAsLong();
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
            if (isRefusal(e)) {
                giveUp();
                throw failure(
                        clear,
                        Errno.EACCES,
                        file + " cannot be written, which is tried again in " + PAUSE.toMinutes() + " minutes",
                        e);
            }
            throw failure(clear, Errno.EIO, "it was not written (" + e.getMessage() + "), which is tried again", e);
        }
    }

    /** Whether other files cannot be written either: they are missing, read-only or forbidden. */
    private boolean isRefusal(IOException failure) {
        return failure instanceof NoSuchFileException
                || failure instanceof AccessDeniedException
                || !hasWritableFiles();
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
