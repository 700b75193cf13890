package dev.iptunnel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.tunnel.TunnelMode;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Routing daemons and container runtimes change thousands of routes and interfaces. Those that concern no tunnel wake no
 * tunnel, cause no list, and are not kept.
 */
@Tag("kernel")
@Timeout(300)
class CrowdedNodeKernelTest {
    private static final int ROUTES = 20_000;
    private static final int INTERFACES = 2_000;
    private static final int AT_ONCE = 500;
    private static final int LOOKS = 20;
    private static final int PAUSE_MILLISECONDS = 500;
    private static final long MEBIBYTE = 1 << 20;

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    private interface Crowd {
        void comesAndGoes();
    }

    private void assertUnmoved(Crowd crowd) throws InterruptedException {
        try (WatchedReconciler agent = new WatchedReconciler(node.kernel, () -> {}, kernel -> kernel)) {
            agent.reconcile(WatchedReconciler.tunnel(TunnelMode.IPIP, 1));
            agent.awaitQuiet();
            // What the first crowd leaves are classes and caches of the process.
            crowd.comesAndGoes();
            node.kernel.resync();
            agent.awaitQuiet();
            agent.woken.clear();
            long before = usedHeap();

            crowd.comesAndGoes();
            node.kernel.resync();

            agent.awaitQuiet();
            assertThat(agent.woken).isEmpty();
            assertThat(node.kernel.watchCounts()).isEqualTo(WatchCounts.NONE);
            assertThat(keptSince(before)).as("bytes kept").isLessThan(MEBIBYTE);
        }
    }

    /** What other threads of this process still hold for a moment is not kept. */
    private static long keptSince(long before) throws InterruptedException {
        long kept = usedHeap() - before;
        for (int look = 1; look < LOOKS && kept >= MEBIBYTE; look++) {
            Thread.sleep(PAUSE_MILLISECONDS);
            kept = usedHeap() - before;
        }
        return kept;
    }

    private static long usedHeap() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    /**
     * Commands of ip(8), by processes of their own. The threads that read the notifications are not far behind, whatever the
     * machine has to do besides.
     */
    private void batches(int count, IntFunction<String> command) {
        for (int from = 0; from < count; from += AT_ONCE) {
            String lines = IntStream.range(from, Math.min(count, from + AT_ONCE))
                    .mapToObj(command)
                    .collect(Collectors.joining("\n"));
            Iproute2.run(List.of("sh", "-c", "ip -batch - <<'END'\n" + lines + "\nEND"));
            node.kernel.catchUp();
        }
    }

    @Test
    void thousands_of_routes_of_others_that_come_and_go_wake_no_tunnel_and_are_not_kept() throws InterruptedException {
        assertUnmoved(() -> {
            batches(ROUTES, i -> "route add " + network(i) + " dev under1");
            node.kernel.resync();
            Iproute2.run("ip route flush root 100.64.0.0/10");
        });
    }

    private static String network(int i) {
        return "100." + (64 + i / 65536) + "." + i / 256 % 256 + "." + i % 256 + "/32";
    }

    @Test
    void thousands_of_interfaces_of_others_that_come_and_go_wake_no_tunnel_and_are_not_kept()
            throws InterruptedException {
        assertUnmoved(() -> {
            batches(INTERFACES, i -> "link add crowd" + i + " group 77 type dummy");
            node.kernel.resync();
            Iproute2.run("ip link delete group 77");
        });
    }
}
