package dev.iptunnel.bench;

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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Measures what the removal of many tunnels costs, one by one and side by side, and how long somebody else who adds and
 * removes an interface waits meanwhile, as a CNI plugin does. See e2e/bench.
 */
final class Deletions {
    private static final int ROUNDS = 3;
    private static final int[] THREADS = {1, 8, 16};
    private static final String MANAGER = "benchmark";
    private static final String BYSTANDER = "bystander";
    private static final Mark MARK = new Mark(MANAGER, "uid", DeletionPolicy.DELETE, BYSTANDER);

    private Deletions() {}

    /**
     * Prints figures.
     *
     * @param arguments how many tunnels
     */
    public static void main(String... arguments) throws InterruptedException, ExecutionException {
        int count = Integer.parseInt(arguments[0]);
        try (LinuxTunnelKernel kernel =
                LinuxTunnelKernel.open(List.of(), List.of(), LinuxTunnelKernel.SYSCTLS, (_, _) -> {})) {
            String processors = Runtime.getRuntime().availableProcessors() + " processors: ";
            Figure.of(processors + "a bystander waits, on an idle kernel, at most", "ms", idle())
                    .print();
            Map<Integer, double[]> removals = new TreeMap<>();
            Map<Integer, double[]> waits = new TreeMap<>();
            for (int round = 0; round < ROUNDS; round++) {
                for (int threads : THREADS) {
                    create(kernel, count);
                    Removal removal = measure(kernel, threads);
                    removals.computeIfAbsent(threads, _ -> new double[ROUNDS])[round] = removal.milliseconds();
                    waits.computeIfAbsent(threads, _ -> new double[ROUNDS])[round] = removal.bystander();
                }
            }
            for (int threads : THREADS) {
                String what = processors + count + " tunnels removed, " + threads + " at a time, ";
                Figure.of(what + "after", "ms", removals.get(threads)).print();
                Figure.of(what + "a bystander waits at most", "ms", waits.get(threads))
                        .print();
            }
        }
    }

    /** @param bystander the longest time that it waited, in milliseconds */
    private record Removal(double milliseconds, double bystander) {}

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

    private static Removal measure(LinuxTunnelKernel kernel, int threads)
            throws InterruptedException, ExecutionException {
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
            return new Removal(milliseconds, longest.get());
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
        delete();
        return milliseconds;
    }

    private static void delete() {
        try {
            new ProcessBuilder("ip", "link", "delete", "dev", BYSTANDER)
                    .inheritIO()
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
