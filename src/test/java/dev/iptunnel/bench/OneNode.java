package dev.iptunnel.bench;

import dev.iptunnel.api.DeployedManifests;
import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Measures what an agent takes whose tunnels are in sync: to start again, to put a tunnel right, and while nothing happens.
 * Agent, API server and etcd share a kernel; there is no kubelet. See e2e/bench.
 */
final class OneNode {
    private static final int ROUNDS = 3;
    private static final int REPAIRS = 60;
    /** Those of the repairs come after so many. */
    private static final int MOST_TUNNELS = 60_000;

    private static final int WRONG_MTU = 1300;
    private static final int SETTLE_MILLISECONDS = 10_000;
    /** Contains a comparison with the kernel, which the agent makes each minute. */
    private static final int IDLE_SECONDS = 120;

    private static final int WINDOW_MILLISECONDS = 500;
    /** Seconds of processor time in such a window. */
    private static final double QUIET = 0.02;

    private static final Pattern WRITE = Pattern.compile("(?m)^apiserver_request_total\\{(?=[^}]*group=\""
            + "(?:iptunnel.dev|events.k8s.io)\")[^}]*verb=\"(?:POST|PATCH|APPLY|PUT)\"[^}]*} (\\S+)$");

    /** What {@code ip -ts monitor link} prints of the tunnels that are put right. */
    private static final Pattern EVENT = Pattern.compile("(?m)^\\[(\\S+)] \\d+: probe\\d+@.* mtu (\\d+) ");

    private final Path image;
    private final List<String> kinds;
    private final KubernetesClient client;
    private final Config user;
    private AgentProcess agent;

    private OneNode(Path image, List<String> kinds, DeployedManifests deployed) {
        this.image = image;
        this.kinds = kinds;
        client = deployed.admin();
        try (KubernetesClient agents = deployed.agentOn(AgentProcess.NODE)) {
            user = agents.getConfiguration();
        }
        agent = new AgentProcess(image, user);
    }

    /**
     * Prints figures.
     *
     * @param arguments the folder of the image, how many tunnels, and which of restart, repair and idle
     */
    public static void main(String... arguments) throws IOException, InterruptedException {
        List<String> words = List.of(arguments);
        try (DeployedManifests deployed = DeployedManifests.of("deploy/base")) {
            OneNode node = new OneNode(Path.of(words.getFirst()), words.subList(2, words.size()), deployed);
            try {
                node.measure(Integer.parseInt(words.get(1)));
            } finally {
                node.agent.close();
            }
        }
    }

    private void measure(int count) throws IOException, InterruptedException {
        run("link add under0 mtu 1500 type dummy", "address add 192.0.2.1/16 dev under0", "link set under0 up");
        agent.awaitReady();
        create(0, 1);
        if (kinds.contains("repair")) {
            repair("1 tunnel: ");
        }
        create(1, count);
        Thread.sleep(SETTLE_MILLISECONDS);
        String what = count + " tunnels in sync: ";
        if (kinds.contains("restart")) {
            restart(what, count);
        }
        if (kinds.contains("idle")) {
            idle(what);
        }
        if (kinds.contains("repair")) {
            repair(what);
        }
    }

    private static void run(String... commands) throws IOException, InterruptedException {
        for (String command : commands) {
            int code = new ProcessBuilder(("ip " + command).split(" ", -1))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new IllegalStateException("ip " + command);
            }
        }
    }

    private void create(int from, int to) throws InterruptedException {
        for (int i = from; i < to; i++) {
            client.resource(tunnel("many" + i, i)).create();
        }
        agent.awaitTunnels(to);
    }

    private static IpTunnel tunnel(String name, int i) {
        return IpTunnels.tunnel(
                name,
                IpTunnels.spec(
                        """
                        nodeName: %s
                        mode: ipip
                        local: 192.0.2.1
                        remote: 192.0.%d.%d
                        addresses: [{address: 10.%d.%d.%d/32}]
                        """,
                        AgentProcess.NODE, 3 + i / 250, 1 + i % 250, 100 + i / 65536, i / 256 % 256, i % 256));
    }

    private void restart(String what, int count) throws InterruptedException {
        double[] ready = new double[ROUNDS];
        double[] quiet = new double[ROUNDS];
        double[] processorTime = new double[ROUNDS];
        double writesBefore = writes();
        for (int round = 0; round < ROUNDS; round++) {
            agent.close();
            agent = new AgentProcess(image, user);
            agent.awaitReady();
            ready[round] = agent.age();
            quiet[round] = quietAfter();
            processorTime[round] = agent.processorTime();
            agent.awaitTunnels(count);
            Thread.sleep(SETTLE_MILLISECONDS);
        }
        Figure.of(what + "an agent that was killed is ready again after", "s", ready)
                .print();
        Figure.of(what + "it is quiet after", "s", quiet).print();
        Figure.of(what + "it took by then of processor time", "s", processorTime)
                .print();
        Figure.of(what + "writes of a restarted agent", "", (writes() - writesBefore) / ROUNDS)
                .print();
        Figure.of(what + "resident memory of a restarted agent", "MiB", agent.memory("Rss"))
                .print();
        Figure.of(what + "anonymous and dirty memory of it", "MiB", agent.memory("Private_Dirty"))
                .print();
    }

    /** When the first window began in which it took next to nothing. */
    private double quietAfter() throws InterruptedException {
        double begin = agent.age();
        double before = agent.processorTime();
        Thread.sleep(WINDOW_MILLISECONDS);
        double after = agent.processorTime();
        while (after - before > QUIET) {
            begin = agent.age();
            before = after;
            Thread.sleep(WINDOW_MILLISECONDS);
            after = agent.processorTime();
        }
        return begin;
    }

    private double writes() {
        return WRITE.matcher(client.raw("/metrics"))
                .results()
                .mapToDouble(match -> Double.parseDouble(match.group(1)))
                .sum();
    }

    /** As the kernel of this machine accounts it: what the host gives to others meanwhile may count as well. */
    private void idle(String what) throws InterruptedException {
        double before = agent.processorTime();
        Thread.sleep(IDLE_SECONDS * 1000L);
        Figure.of(
                        what + "share of a processor while nothing happens",
                        "%",
                        100 * (agent.processorTime() - before) / IDLE_SECONDS)
                .print();
    }

    /** From the kernel's notification of the wrong MTU to that of the right one, by the times of {@code ip monitor}. */
    private void repair(String what) throws IOException, InterruptedException {
        Path events = Files.createTempFile("monitor", ".txt");
        ProcessBuilder builder = new ProcessBuilder("ip", "-ts", "monitor", "link").redirectOutput(events.toFile());
        builder.environment().put("TZ", "UTC");
        Process monitor = builder.start();
        Thread.sleep(1000);
        for (int i = 0; i < REPAIRS; i++) {
            repairNew("probe" + i, i);
        }
        monitor.destroy();
        List<Double> times = repairs(Files.readString(events)).stream().sorted().toList();
        Files.delete(events);
        Figure.of(what + "repairs that were measured", "", times.size()).print();
        Figure.of(what + "repair of one, p50", "ms", percentile(times, 50)).print();
        Figure.of(what + "repair of one, p99", "ms", percentile(times, 99)).print();
    }

    /** A tunnel of its own each time: what somebody keeps undoing is repaired at growing intervals. */
    private void repairNew(String name, int number) throws IOException, InterruptedException {
        IpTunnel probe = client.resource(tunnel(name, MOST_TUNNELS + number)).create();
        client.resource(probe).waitUntilCondition(OneNode::isReady, 1, TimeUnit.MINUTES);
        Thread.sleep(SETTLE_MILLISECONDS / 50);
        run("link set dev " + name + " mtu " + WRONG_MTU);
        Thread.sleep(SETTLE_MILLISECONDS / 50);
        client.resource(probe).delete();
    }

    private static boolean isReady(@Nullable IpTunnel tunnel) {
        return tunnel != null
                && tunnel.getStatus() != null
                && tunnel.getStatus().conditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Ready")
                                && condition.getStatus().equals("True"));
    }

    private static List<Double> repairs(String events) {
        List<Double> times = new ArrayList<>();
        LocalDateTime wrongSince = LocalDateTime.MAX;
        for (MatchResult event : EVENT.matcher(events).results().toList()) {
            LocalDateTime time = LocalDateTime.parse(event.group(1));
            boolean wrong = Integer.parseInt(event.group(2)) == WRONG_MTU;
            if (wrong && wrongSince.equals(LocalDateTime.MAX)) {
                wrongSince = time;
            } else if (!wrong && !wrongSince.equals(LocalDateTime.MAX)) {
                times.add(Duration.between(wrongSince, time).toNanos() / 1e6);
                wrongSince = LocalDateTime.MAX;
            }
        }
        return times;
    }

    private static double percentile(List<Double> sorted, int percent) {
        return sorted.get(Math.min(sorted.size() - 1, sorted.size() * percent / 100));
    }
}
