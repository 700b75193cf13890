package dev.iptunnel.bench;

import dev.iptunnel.agent.program.Demands;
import dev.iptunnel.agent.program.Outcome;
import dev.iptunnel.agent.program.TunnelProgrammer;
import dev.iptunnel.bench.CountedTransport.Traffic;
import dev.iptunnel.kernel.linux.LinuxTunnelKernel;
import dev.iptunnel.libc.NetlinkSocket;
import dev.iptunnel.planner.Claims;
import dev.iptunnel.planner.ListedClaims;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelMode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Measures the creation of tunnels by the kernel layer alone, without an API server: time beside that of {@code ip -batch}
 * and of a loop in C in the same boot, and what is asked of the kernel for one tunnel. See e2e/bench.
 */
final class KernelLayer {
    private static final String MANAGER = "11111111-2222-3333-4444-555555555555";
    private static final int ROUNDS = 3;
    private static final int SAMPLE = 50;

    private final String loop;
    private final int count;

    private KernelLayer(String loop, int count) {
        this.loop = loop;
        this.count = count;
    }

    /**
     * Prints figures.
     *
     * @param arguments the program of the C loop, and how many tunnels
     */
    public static void main(String... arguments) {
        new KernelLayer(arguments[0], Integer.parseInt(arguments[1])).measure();
    }

    private void measure() {
        ip(Stream.of(
                "link add under0 mtu 1500 type dummy",
                "address add 192.0.2.1/16 dev under0",
                "link set under0 up",
                "route add default via 192.0.2.254"));
        agent(Math.min(count, 200), false);
        double[] agent = new double[ROUNDS];
        double[] batch = new double[ROUNDS];
        double[] inC = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            agent[round] = agent(count, round == 0);
            batch[round] = timed(() -> ip(commands(count)));
            removeAll();
            inC[round] = timed(() -> run(List.of(loop, Integer.toString(count)), ""));
            removeAll();
        }
        String what = "creation of " + count + " tunnels ";
        Figure.of(what + "by the kernel layer", "ms", agent).print();
        Figure.of(what + "by ip -batch", "ms", batch).print();
        Figure.of(what + "by a loop in C", "ms", inC).print();
        Figure.of("kernel layer / ip -batch, side by side", "", quotients(agent, batch))
                .print();
        Figure.of("kernel layer / loop in C, side by side", "", quotients(agent, inC))
                .print();
    }

    private static double[] quotients(double[] dividends, double[] divisors) {
        return IntStream.range(0, dividends.length)
                .mapToDouble(i -> dividends[i] / divisors[i])
                .toArray();
    }

    /** Creates that many with a kernel layer of its own, and removes them. */
    private double agent(int number, boolean tells) {
        Traffic traffic = new Traffic();
        try (LinuxTunnelKernel kernel = LinuxTunnelKernel.open(
                List.of(IpFamily.IPV4.parse("192.0.2.253")),
                List.of(),
                LinuxTunnelKernel.SYSCTLS,
                (_, _) -> {},
                () -> new CountedTransport(NetlinkSocket.open(), traffic))) {
            kernel.watch(_ -> {});
            TunnelProgrammer programmer = new TunnelProgrammer(kernel);
            List<DesiredTunnel> tunnels =
                    IntStream.range(0, number).mapToObj(KernelLayer::tunnel).toList();
            Claims claims = ListedClaims.of(tunnels);
            Demands demands = () -> claims;
            double milliseconds = timed(() -> {
                for (int i = 0; i < number; i++) {
                    long requests = traffic.requests();
                    long bytes = traffic.bytes();
                    program(programmer, tunnels.get(i), demands);
                    if (tells && (i == SAMPLE || i == number - 1)) {
                        String which = "the tunnel after " + i + " others";
                        Figure.of("netlink requests of " + which, "", (double) (traffic.requests() - requests))
                                .print();
                        Figure.of("received for " + which, "bytes", (double) (traffic.bytes() - bytes))
                                .print();
                    }
                }
            });
            removeAll();
            return milliseconds;
        }
    }

    private static void program(TunnelProgrammer programmer, DesiredTunnel desired, Demands demands) {
        Outcome outcome = programmer.program(desired, OptionalInt.empty(), demands, _ -> {});
        if (!outcome.programmed()) {
            throw new IllegalStateException(outcome.notProgrammed().toString());
        }
    }

    private static DesiredTunnel tunnel(int i) {
        return DesiredTunnelBuilder.of(
                        new Mark(MANAGER, "uid-" + i, DeletionPolicy.DELETE, "bench" + i), TunnelMode.IPIP)
                .local("192.0.2.1")
                .remote("192.0." + (3 + i / 250) + "." + (1 + i % 250))
                .addresses("10." + (100 + i / 65536) + "." + i / 256 % 256 + "." + i % 256 + "/32")
                .build();
    }

    /** What makes the same. */
    private static Stream<String> commands(int number) {
        return IntStream.range(0, number).boxed().flatMap(i -> {
            DesiredTunnel tunnel = tunnel(i);
            return Stream.of(
                    "tunnel add bench%d mode ipip local 192.0.2.1 remote %s ttl 64"
                            .formatted(i, tunnel.remote().getHostAddress()),
                    "link set dev bench%d alias %s mtu 1480 up".formatted(i, "'" + tunnel.mark() + "'"),
                    "address add %s dev bench%d"
                            .formatted(tunnel.addresses().getFirst().prefix(), i));
        });
    }

    private static void removeAll() {
        run(List.of("sh", "-c", "ls /sys/class/net | sed -n 's/^bench/link delete bench/p' | ip -batch -"), "");
    }

    private static double timed(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e6;
    }

    private static void ip(Stream<String> commands) {
        run(List.of("ip", "-batch", "-"), String.join("\n", commands.toList()) + "\n");
    }

    private static void run(List<String> command, String input) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            try (OutputStream stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(command + ": " + output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
