package dev.iptunnel.bench;

import dev.iptunnel.agent.health.AgentMetrics;
import dev.iptunnel.agent.health.TunnelState;
import dev.iptunnel.kernel.linux.LinuxTunnelKernel;
import dev.iptunnel.tunnel.TunnelDriver;
import java.io.IOException;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Measures what a scrape costs with many tunnels in the kernel: processor time, time, and bytes. See e2e/scrape. */
final class ScrapeCost {
    private static final int WARM_UP = 30;
    private static final int ROUNDS = 20;
    private static final double NANOS_PER_MILLI = 1e6;

    private ScrapeCost() {}

    /** Measures once. The argument is the number of tunnels. */
    public static void main(String... arguments) throws IOException, InterruptedException {
        int number = Integer.parseInt(arguments[0]);
        create(number);
        try (LinuxTunnelKernel kernel =
                LinuxTunnelKernel.open(List.of(), List.of(), LinuxTunnelKernel.SYSCTLS, (_, _) -> {})) {
            List<TunnelState> states = kernel.statistics(Set.of(TunnelDriver.IPIP)).values().stream()
                    .map(link -> state(link.name(), link.index()))
                    .toList();
            AgentMetrics metrics = new AgentMetrics();
            metrics.watchTunnels(() -> states, kernel);
            for (int i = 0; i < WARM_UP; i++) {
                metrics.page();
            }
            measure(metrics);
        }
    }

    private static void measure(AgentMetrics metrics) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        double[] processor = new double[ROUNDS];
        double[] time = new double[ROUNDS];
        double[] bytes = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            long begun = System.nanoTime();
            long used = threads.getCurrentThreadCpuTime();
            bytes[i] = metrics.page().length;
            processor[i] = (threads.getCurrentThreadCpuTime() - used) / NANOS_PER_MILLI;
            time[i] = (System.nanoTime() - begun) / NANOS_PER_MILLI;
        }
        Figure.of("processor time of a scrape", "ms", processor).print();
        Figure.of("time of a scrape", "ms", time).print();
        Figure.of("page", "bytes", bytes).print();
    }

    private static void create(int number) throws IOException, InterruptedException {
        Process ip = new ProcessBuilder("ip", "-batch", "-")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (Writer commands = ip.outputWriter(StandardCharsets.UTF_8)) {
            for (int i = 0; i < number; i++) {
                commands.write("link add bench%d type ipip local 192.0.2.1 remote 198.%d.%d.1%n"
                        .formatted(i, 18 + i / 250, i % 250));
            }
        }
        if (ip.waitFor() != 0) {
            throw new IllegalStateException("the tunnels could not be made");
        }
    }

    private static TunnelState state(String name, int ifindex) {
        return new TunnelState(
                name,
                "ipip",
                name,
                "192.0.2.1",
                "198.18.0.1",
                "eth0",
                Optional.of(TunnelDriver.IPIP),
                OptionalInt.of(ifindex),
                OptionalInt.of(1480),
                true,
                true,
                "TunnelUp",
                "",
                "2026-01-02T03:04:05Z",
                false,
                0);
    }
}
