package dev.iptunnel.libc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.link.Encapsulation;
import dev.iptunnel.netlink.link.Ip4TunnelAttributes;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.link.TunnelAttributes;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many calls at the same time. Runs as root on a kernel with ipip. */
@Tag("kernel")
@Timeout(120)
class TunnelIoctlKernelTest {
    private static final int THREADS = 16;
    private static final int TUNNELS = 200;
    private static final Inet4Address LOCAL = Inet4Address.ofLiteral("192.0.2.1");

    private final TunnelIoctl tunnels = new TunnelIoctl();
    private int made;

    @AfterEach
    void removeTunnels() {
        IpCommand.deleteLinks(
                IntStream.range(0, made).mapToObj(TunnelIoctlKernelTest::name).toList());
    }

    @Test
    void many_threads_change_and_delete_tunnels_at_the_same_time() throws Exception {
        try (Rtnetlink rtnetlink = new Rtnetlink(NetlinkSocket.open());
                ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            make(TUNNELS);

            List<Future<Integer>> changed = IntStream.range(0, TUNNELS)
                    .mapToObj(number -> threads.submit(() -> {
                        tunnels.change(name(number), attributes(number));
                        int ttl = rtnetlink
                                .link(name(number))
                                .flatMap(Link::tunnel)
                                .orElseThrow()
                                .ttl();
                        tunnels.delete(name(number));
                        return ttl;
                    }))
                    .toList();

            for (int number = 0; number < TUNNELS; number++) {
                assertThat(changed.get(number).get()).isEqualTo(ttl(number));
            }
            assertThat(rtnetlink.links("ipip")).noneMatch(link -> link.name().startsWith("kt-many"));
        }
    }

    /** Before the kernel answers that there is no such interface, it runs modprobe, which is a script here that waits. */
    @Test
    void a_call_that_waits_does_not_hold_up_others(@TempDir Path folder) throws Exception {
        make(1);
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
            Future<?> waiting = threads.submit(() -> tunnels.delete("kt-none"));
            try {
                while (!Files.exists(asked)) {
                    Thread.sleep(10);
                }

                Future<?> other = threads.submit(() -> tunnels.change(name(0), attributes(0)));

                assertThat(other).succeedsWithin(Duration.ofSeconds(30));
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
        make(1);
        for (int i = 0; i < 10_000; i++) {
            tunnels.change(name(0), attributes(0));
        }
        long before = residentKib();

        for (int i = 0; i < 300_000; i++) {
            tunnels.change(name(0), attributes(0));
        }

        assertThat(residentKib() - before).isLessThan(16 << 10);
    }

    @Test
    void calls_after_the_close_fail_and_touch_no_descriptor_of_others() throws Exception {
        make(1);
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<?>> callers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                callers.add(threads.submit(() -> {
                    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
                    while (System.nanoTime() < end) {
                        tunnels.change(name(0), attributes(0));
                    }
                }));
            }

            Thread.sleep(100);
            tunnels.close();
            TunnelIoctl successor = new TunnelIoctl(); // gets the number that has become free

            for (Future<?> caller : callers) {
                assertThatExceptionOfType(ExecutionException.class)
                        .isThrownBy(caller::get)
                        .withMessageContaining("SIOCCHGTUNNEL kt-many0: EBADF");
            }
            successor.close();
        }
        tunnels.close();
    }

    private void make(int number) {
        made = number;
        IpCommand.batch(IntStream.range(0, number)
                .mapToObj(each -> "tunnel add " + name(each) + " mode ipip local 192.0.2.1 remote " + remote(each))
                .toList());
    }

    private static String name(int number) {
        return "kt-many" + number;
    }

    private static String remote(int number) {
        return "198.51.100." + number;
    }

    private static int ttl(int number) {
        return 1 + number;
    }

    private static TunnelAttributes attributes(int number) {
        return new Ip4TunnelAttributes(
                LOCAL,
                Inet4Address.ofLiteral(remote(number)),
                0,
                ttl(number),
                0,
                true,
                4,
                0,
                0,
                new Encapsulation(Encapsulation.NONE, 0, 0, 0),
                false,
                Optional.empty(),
                List.of());
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
