package dev.iptunnel.bench;

import dev.iptunnel.agent.probe.Prober;
import dev.iptunnel.probe.ProbeReport;
import dev.iptunnel.probe.ProbeSubject;
import dev.iptunnel.probe.ReachabilityReason;
import dev.iptunnel.schedule.Clocks;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.ProbeSettings;
import java.io.IOException;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Measures what the probes of many tunnels cost whose peers answer, in a minute each. See e2e/bench. */
final class ProbeCost {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final int MINUTES = 3;
    private static final int MTU = 1480;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final ProbeSettings DEFAULTS =
            new ProbeSettings(Optional.empty(), Duration.ofSeconds(10), Duration.ofSeconds(2), 3, 2, false);

    private ProbeCost() {}

    /** Measures once. The argument is the number of tunnels. */
    public static void main(String... arguments) throws IOException, InterruptedException {
        int number = Integer.parseInt(arguments[0]);
        create(number);
        try (Prober prober = new Prober(Clocks.system().steady(), _ -> {}, _ -> {})) {
            for (int i = 0; i < number; i++) {
                prober.probe("bench" + i, subject(i), Optional.empty());
            }
            Thread.sleep(MINUTE);
            measure(prober, number);
        }
    }

    private static void measure(Prober prober, int number) throws InterruptedException {
        double[] processor = new double[MINUTES];
        double[] sent = new double[MINUTES];
        double[] lost = new double[MINUTES];
        for (int i = 0; i < MINUTES; i++) {
            long used = processorTime();
            List<ProbeReport> before = prober.reports();
            Thread.sleep(MINUTE);
            List<ProbeReport> after = prober.reports();
            processor[i] = (processorTime() - used) / NANOS_PER_MILLI;
            sent[i] = sent(after) - sent(before);
            lost[i] = lost(after) - lost(before);
        }
        long answering = prober.reports().stream()
                .filter(report -> report.reachability().reason() == ReachabilityReason.PEER_ANSWERS)
                .count();
        String tunnels = " a minute, " + number + " tunnels";
        Figure.of("processor time of probes" + tunnels, "ms", processor).print();
        Figure.of("packets of probes" + tunnels, "packets", sent).print();
        Figure.of("packets of probes lost" + tunnels, "packets", lost).print();
        Figure.of("peers that answer, of " + number, "peers", (double) answering)
                .print();
    }

    private static long processorTime() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private static long sent(List<ProbeReport> reports) {
        return reports.stream().mapToLong(report -> report.counts().sent()).sum();
    }

    private static long lost(List<ProbeReport> reports) {
        return reports.stream().mapToLong(report -> report.counts().lost()).sum();
    }

    private static ProbeSubject subject(int i) throws IOException {
        return new ProbeSubject(
                "uid-of-bench" + i,
                "bench" + i,
                NetworkInterface.getByName("bench" + i).getIndex(),
                MTU,
                IpFamily.IPV4.parse(outer(i)),
                IpFamily.IPV4.parse(inner(i, 1)),
                IpFamily.IPV4.parse(inner(i, 2)),
                DEFAULTS);
    }

    private static String outer(int i) {
        return "198.18." + i / 250 + "." + (1 + i % 250);
    }

    private static String inner(int i, int host) {
        return "10.9." + i / 64 + "." + (4 * (i % 64) + host);
    }

    private static void create(int number) throws IOException, InterruptedException {
        run(
                List.of("ip", "-batch", "-"),
                Stream.of(
                        "link set lo up",
                        "netns add peers",
                        "link add under0 type veth peer name wire netns peers",
                        "address add 192.0.2.1/24 dev under0",
                        "link set under0 up",
                        "route add 198.18.0.0/16 dev under0 via 192.0.2.2 onlink"));
        run(
                List.of("ip", "-netns", "peers", "-batch", "-"),
                Stream.concat(
                        Stream.of("link set lo up", "address add 192.0.2.2/24 dev wire", "link set wire up"),
                        Stream.iterate(0, i -> i < number, i -> i + 1)
                                .flatMap(i -> Stream.of(
                                        "address add " + outer(i) + "/32 dev lo",
                                        "link add peer" + i + " type ipip local " + outer(i) + " remote 192.0.2.1",
                                        "address add " + inner(i, 2) + "/30 dev peer" + i,
                                        "link set peer" + i + " up"))));
        run(
                List.of("ip", "-batch", "-"),
                Stream.iterate(0, i -> i < number, i -> i + 1)
                        .flatMap(i -> Stream.of(
                                "link add bench" + i + " type ipip local 192.0.2.1 remote " + outer(i),
                                "address add " + inner(i, 1) + "/30 dev bench" + i,
                                "link set bench" + i + " up")));
        run(List.of("sysctl", "-q", "-w", "net.ipv4.ping_group_range=0 2147483647"), Stream.empty());
    }

    private static void run(List<String> command, Stream<String> lines) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (Writer input = process.outputWriter(StandardCharsets.UTF_8)) {
            for (String line : lines.toList()) {
                input.write(line + "\n");
            }
        }
        if (process.waitFor() != 0) {
            throw new IllegalStateException("failed: " + command);
        }
    }
}
