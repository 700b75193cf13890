package dev.iptunnel.libc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

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
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many calls at once: as root, on a kernel with ipip. */
@Tag("kernel")
@Timeout(120)
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

    /** The kernel asks modprobe, here one that waits, before it says that there is no such interface. */
    @Test
    void a_call_that_waits_holds_up_no_other(@TempDir Path folder) throws Exception {
        Path setting = Path.of("/proc/sys/kernel/modprobe");
        String modprobe = Files.readString(setting).strip();
        Path script = Files.createFile(
                folder.resolve("modprobe"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path asked = folder.resolve("asked");
        Path go = folder.resolve("go");
        Files.writeString(script, "#!/bin/sh\ntouch " + asked + "\nuntil [ -e " + go + " ]; do sleep 0.1; done\n");
        Files.writeString(setting, script.toString());
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Future<IpTunnelParm> waiting = threads.submit(() -> tunnels.get4("kt-none"));
            try {
                while (!Files.exists(asked)) {
                    Thread.sleep(10);
                }

                Future<IpTunnelParm> other = threads.submit(() -> tunnels.get4("tunl0"));

                assertThat(other.get(30, TimeUnit.SECONDS).name()).isEqualTo("tunl0");
                assertThat(waiting.isDone()).isFalse();
            } finally {
                Files.createFile(go);
            }
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(waiting::get)
                    .withMessageContaining("ENODEV");
        } finally {
            Files.writeString(setting, modprobe);
        }
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
                    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
                    while (System.nanoTime() < end) {
                        tunnels.get4("tunl0");
                    }
                }));
            }

            Thread.sleep(100);
            tunnels.close();
            TunnelIoctl successor = new TunnelIoctl(); // gets the number that has become free

            for (Future<?> caller : callers) {
                assertThatExceptionOfType(ExecutionException.class)
                        .isThrownBy(caller::get)
                        .withMessageContaining("SIOCGETTUNNEL tunl0: EBADF");
            }
            successor.close();
        }
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
