package dev.iptunnel.libc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.iptunnel.netlink.Errno;
import dev.iptunnel.netlink.Rtnetlink;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many calls at once: as root, on a kernel with ipip. */
@Tag("kernel")
class TunnelIoctlKernelTest {
    private static final int THREADS = 16;
    private static final int TUNNELS = 200;
    private static final Inet4Address LOCAL = Inet4Address.ofLiteral("192.0.2.1");

    private final TunnelIoctl tunnels = new TunnelIoctl();

    @Test
    void many_threads_make_read_and_delete_each_its_own() throws Exception {
        List<IpTunnelParm> parameters = IntStream.range(0, TUNNELS)
                .mapToObj(TunnelIoctlKernelTest::parameters)
                .toList();

        List<IpTunnelParm> read = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<IpTunnelParm>> results = parameters.stream()
                    .map(parm -> threads.submit(() -> {
                        tunnels.add("tunl0", parm);
                        IpTunnelParm back = tunnels.get4(parm.name());
                        tunnels.delete(parm.name());
                        return back;
                    }))
                    .toList();
            for (Future<IpTunnelParm> result : results) {
                read.add(result.get());
            }
        }

        assertThat(read).isEqualTo(parameters);
        try (Rtnetlink rtnetlink = new Rtnetlink(NetlinkSocket.open())) {
            assertThat(rtnetlink.links("ipip")).noneMatch(link -> link.name().startsWith("kt-many"));
        }
    }

    /** The kernel asks modprobe, here one that takes its time, before it says that there is no such interface. */
    @Test
    void a_call_that_waits_holds_up_no_other() throws Exception {
        Path setting = Path.of("/proc/sys/kernel/modprobe");
        String modprobe = Files.readString(setting).strip();
        Path slow = Files.createTempFile(
                "modprobe", "", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.writeString(slow, "#!/bin/sh\nsleep 1\n");
        Files.writeString(setting, slow.toString());
        long start = System.nanoTime();
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {

            List<Future<IpTunnelParm>> results = IntStream.range(0, THREADS)
                    .mapToObj(i -> threads.submit(() -> tunnels.get4("kt-none" + i)))
                    .toList();

            for (Future<IpTunnelParm> result : results) {
                assertThatExceptionOfType(ExecutionException.class)
                        .isThrownBy(result::get)
                        .withMessageContaining("ENODEV");
            }
        } finally {
            Files.writeString(setting, modprobe);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(THREADS / 2));
    }

    @Test
    void calls_leave_no_memory_behind() throws Exception {
        for (int i = 0; i < 10_000; i++) {
            tunnels.get4("tunl0");
        }
        long before = residentKib();

        for (int i = 0; i < 300_000; i++) {
            tunnels.get4("tunl0");
        }

        assertThat(residentKib() - before).isLessThan(16 << 10);
    }

    @Test
    void calls_after_the_close_fail_and_touch_no_descriptor_of_others() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<?>> callers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                callers.add(threads.submit(() -> {
                    while (true) {
                        tunnels.get4("tunl0");
                    }
                }));
            }

            Thread.sleep(100);
            tunnels.close();

            for (Future<?> caller : callers) {
                assertThatExceptionOfType(ExecutionException.class)
                        .isThrownBy(caller::get)
                        .withMessageContaining("SIOCGETTUNNEL tunl0: EBADF");
            }
        }
        assertThatExceptionOfType(LibcException.class)
                .isThrownBy(() -> tunnels.delete("kt-many0"))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));
        tunnels.close();
    }

    private static IpTunnelParm parameters(int number) {
        return new IpTunnelParm(
                "kt-many" + number, 0, 0, 0, 0, 4, LOCAL, Inet4Address.ofLiteral("198.51.100." + number));
    }

    /** VmRSS of proc(5). */
    private static long residentKib() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
