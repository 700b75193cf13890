package dev.iptunnel.kernel;

import dev.iptunnel.kernel.linux.LinuxTunnelKernel;
import dev.iptunnel.kernel.read.TunnelTranslation;
import dev.iptunnel.libc.NetlinkSocket;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.planner.ListedClaims;
import dev.iptunnel.planner.Planner;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Measures what the removal of many tunnels costs, one by one and side by side, and how long somebody else who adds and
 * removes an interface waits meanwhile, as a CNI plugin does. Prints milliseconds. See e2e/deletions.
 */
final class DeletionBenchmark {
    private static final String MANAGER = "benchmark";
    private static final String BYSTANDER = "bystander";
    private static final Mark MARK = new Mark(MANAGER, "uid", DeletionPolicy.DELETE, BYSTANDER);

    private DeletionBenchmark() {}

    public static void main(String... arguments) throws InterruptedException, ExecutionException {
        int count = Integer.parseInt(arguments[0]);
        try (LinuxTunnelKernel kernel =
                LinuxTunnelKernel.open(List.of(), List.of(), LinuxTunnelKernel.SYSCTLS, (_, _) -> {})) {
            System.out.printf(
                    "%d processors, Linux %s, %d tunnels%n",
                    Runtime.getRuntime().availableProcessors(), System.getProperty("os.version"), count);
            System.out.printf("a bystander's interface takes at most %.0f ms on an idle kernel%n", idle());
            for (int round = 0; round < 3; round++) {
                for (int threads : new int[] {1, 8, 16}) {
                    create(kernel, count);
                    measure(kernel, threads);
                }
            }
        }
    }

    private static void create(LinuxTunnelKernel kernel, int count) {
        for (int i = 0; i < count; i++) {
            Mark mark = new Mark(MANAGER, "uid-" + i, DeletionPolicy.DELETE, "bench" + i);
            DesiredTunnel desired = DesiredTunnelBuilder.of(mark, TunnelMode.IPIP)
                    .local("192.0.2.1")
                    .remote("198.51." + (100 + i / 250) + "." + (1 + i % 250))
                    .build();
            kernel.execute((Plan) Planner.plan(desired, kernel.observe(desired), ListedClaims.NONE));
        }
    }

    private static void measure(LinuxTunnelKernel kernel, int threads) throws InterruptedException, ExecutionException {
        List<ObservedLink> links = kernel.marked();
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService bystander = Executors.newSingleThreadExecutor();
                ExecutorService removers = Executors.newFixedThreadPool(threads)) {
            Future<Double> longest = bystander.submit(() -> longestWait(done::get));
            long start = System.nanoTime();
            List<Future<?>> removals = new ArrayList<>();
            for (ObservedLink link : links) {
                removals.add(removers.submit(() -> kernel.execute(Planner.remove(link))));
            }
            for (Future<?> removal : removals) {
                removal.get();
            }
            double milliseconds = (System.nanoTime() - start) / 1e6;
            done.set(true);
            System.out.printf(
                    "%2d at a time: %.0f ms, %.1f ms each; a bystander waits at most %.0f ms%n",
                    threads, milliseconds, milliseconds / links.size(), longest.get());
        }
    }

    private static double idle() {
        longestWait(times(1)); // the first loads the driver's code
        return longestWait(times(20));
    }

    private static BooleanSupplier times(int number) {
        AtomicInteger left = new AtomicInteger(number);
        return () -> left.getAndDecrement() == 0;
    }

    private static double longestWait(BooleanSupplier done) {
        try (Rtnetlink rtnetlink = new Rtnetlink(NetlinkSocket.open())) {
            double longest = 0;
            while (!done.getAsBoolean()) {
                longest = Math.max(longest, bystander(rtnetlink));
            }
            return longest;
        }
    }

    /** By rtnetlink of its own: a process takes seconds to start on an emulated machine. */
    private static double bystander(Rtnetlink rtnetlink) {
        long start = System.nanoTime();
        rtnetlink
                .changes()
                .addTunnelLink(
                        BYSTANDER,
                        0,
                        "sit",
                        TunnelTranslation.attributes(DesiredTunnelBuilder.of(MARK, TunnelMode.SIT)
                                .build()
                                .parameters(IpFamily.IPV4.parse("192.0.2.1"), 0)));
        double milliseconds = (System.nanoTime() - start) / 1e6;
        Iproute2.batch("link delete dev " + BYSTANDER);
        return milliseconds;
    }
}
