package dev.iptunnel.kernel;

import dev.iptunnel.tunnel.Claims;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.ObservedLink;
import dev.iptunnel.tunnel.Plan;
import dev.iptunnel.tunnel.Planner;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Measures what the removal of many tunnels costs, one by one and side by side, and how long somebody else who adds and
 * removes an interface waits meanwhile, as a CNI plugin does. Prints milliseconds. See e2e/deletions.
 */
final class DeletionBenchmark {
    private static final String MANAGER = "benchmark";

    private DeletionBenchmark() {}

    public static void main(String... arguments) throws InterruptedException, ExecutionException {
        int count = Integer.parseInt(arguments[0]);
        try (LinuxTunnelKernel kernel = LinuxTunnelKernel.open(List.of(), (_, _) -> {})) {
            System.out.printf(
                    "%d processors, Linux %s, %d tunnels%n",
                    Runtime.getRuntime().availableProcessors(), System.getProperty("os.version"), count);
            System.out.printf("a bystander's interface takes at most %.0f ms on an idle kernel%n", idle());
            for (int round = 0; round < 2; round++) {
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
            kernel.execute((Plan) Planner.plan(desired, kernel.observe(desired), Claims.NONE));
        }
    }

    private static void measure(LinuxTunnelKernel kernel, int threads) throws InterruptedException, ExecutionException {
        List<ObservedLink> links = kernel.marked();
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService bystander = Executors.newSingleThreadExecutor();
                ExecutorService removers = Executors.newFixedThreadPool(threads)) {
            Future<Double> longest = bystander.submit(() -> longestWait(done));
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
        double longest = 0;
        for (int i = 0; i < 5; i++) {
            longest = Math.max(longest, bystander());
        }
        return longest;
    }

    private static double longestWait(AtomicBoolean done) {
        double longest = 0;
        while (!done.get()) {
            longest = Math.max(longest, bystander());
        }
        return longest;
    }

    private static double bystander() {
        long start = System.nanoTime();
        Iproute2.run("ip link add bystander type dummy");
        double milliseconds = (System.nanoTime() - start) / 1e6;
        Iproute2.run("ip link delete dev bystander");
        return milliseconds;
    }
}
