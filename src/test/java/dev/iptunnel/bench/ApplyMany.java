package dev.iptunnel.bench;

import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.cluster.Cluster;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Measures what many IpTunnels of one node take when they are created, when the agent restarts, and when they go. See e2e/bench. */
final class ApplyMany {
    private static final int IDLE_SECONDS = 10;
    private static final int EVENTS_SECONDS = 30;
    private static final int PATIENCE_SECONDS = 1800;
    private static final int QUIET_MILLISECONDS = 1000;
    /** Of a second, beside what an idle node takes. */
    private static final double QUIET = 0.1;

    private static final List<String> WRITES =
            List.of("verb=\"POST\"", "verb=\"PATCH\"", "verb=\"APPLY\"", "verb=\"PUT\"");

    /** Prints, in seconds since the boot, when the new process of the agent started and when it was ready. */
    private static final String RESTART =
            """
            old=$(pgrep -x java)
            kill -9 "$old"
            while new=$(pgrep -x java) || true; [[ -z $new || $new == "$old" ]]; do sleep 0.2; done
            until curl -sf -o /dev/null http://127.0.0.1:9811/readyz; do sleep 0.5; done
            read -r now _ </proc/uptime
            echo "$(awk '{print $22 / 100}' "/proc/$new/stat") $now"
            """;

    private final Cluster cluster = new Cluster();
    private final List<Long> node;
    private final List<Long> controlPlane;
    private final Set<String> ready = ConcurrentHashMap.newKeySet();
    private Rates idle = new Rates(0, 0);

    private ApplyMany(Path state) {
        node = List.of(HostProcesses.inFile(state.resolve("nodes/node1/pid")));
        controlPlane = List.of(
                HostProcesses.inFile(state.resolve("components/kube-apiserver")),
                HostProcesses.inFile(state.resolve("components/etcd")));
    }

    /**
     * Prints figures.
     *
     * @param arguments the folder of the cluster's state, and how many tunnels
     */
    public static void main(String... arguments) throws IOException, InterruptedException {
        new ApplyMany(Path.of(arguments[0])).measure(Integer.parseInt(arguments[1]));
    }

    private void measure(int count) throws IOException, InterruptedException {
        Thread.sleep(IDLE_SECONDS * 1000L);
        double idleNode = -HostProcesses.cpu(node);
        double idleControlPlane = -HostProcesses.cpu(controlPlane);
        Thread.sleep(IDLE_SECONDS * 1000L);
        idle = new Rates(
                (idleNode + HostProcesses.cpu(node)) / IDLE_SECONDS,
                (idleControlPlane + HostProcesses.cpu(controlPlane)) / IDLE_SECONDS);
        apply(count);
        memory(count + " tunnels applied: ");
        restart(count + " tunnels in sync: ");
        delete(count);
    }

    /** Seconds of processor time a second, while nothing happens. */
    private record Rates(double node, double controlPlane) {}

    private void apply(int count) throws IOException, InterruptedException {
        Path manifest = Files.createTempFile("tunnels", ".yaml");
        Files.writeString(
                manifest,
                IntStream.range(0, count)
                        .mapToObj(ApplyMany::tunnel)
                        .map(Serialization::asYaml)
                        .collect(Collectors.joining("---\n")));
        double writesBefore = writes();
        try (Watch _ = cluster.client.resources(IpTunnel.class).watch(new ReadyWatcher())) {
            Work work = new Work();
            cluster.command("kubectl", "create", "-f", manifest.toString());
            double created = work.seconds();
            await(work, count + " tunnels are Ready", () -> ready.size() == count);
            double seconds = work.seconds();
            // Events come after the statuses.
            Thread.sleep(EVENTS_SECONDS * 1000L);
            work.end();
            String what = count + " tunnels applied: ";
            Figure.of(what + "kubectl create returns after", "s", created).print();
            Figure.of(what + "all are Ready after", "s", seconds).print();
            Figure.of(what + "Ready / kubectl create", "", seconds / created).print();
            Figure.of(what + "writes of the agent, each", "", (writes() - writesBefore - count) / count)
                    .print();
            work.print(what, count);
        } finally {
            Files.delete(manifest);
        }
    }

    private static void await(Work work, String what, BooleanSupplier so) throws InterruptedException {
        while (!so.getAsBoolean()) {
            if (work.seconds() > PATIENCE_SECONDS) {
                throw new IllegalStateException("not so after " + PATIENCE_SECONDS + " s: " + what);
            }
            Thread.sleep(20);
        }
    }

    /** From the start of the agent's process. */
    private void restart(String what) throws InterruptedException {
        double writesBefore = writes();
        String[] times = cluster.output("node1", RESTART).strip().split(" ", -1);
        long end = System.nanoTime();
        double readyAfter = Double.parseDouble(times[1]) - Double.parseDouble(times[0]);
        Figure.of(what + "a restarted agent is ready after", "s", readyAfter).print();
        double quietAfter = readyAfter;
        double before = HostProcesses.cpu(node);
        boolean quiet = false;
        while (!quiet) {
            double windowStart = (System.nanoTime() - end) / 1e9 + readyAfter;
            Thread.sleep(QUIET_MILLISECONDS);
            double now = HostProcesses.cpu(node);
            quiet = (now - before) / QUIET_MILLISECONDS * 1000 < idle.node() + QUIET;
            before = now;
            quietAfter = windowStart;
        }
        Figure.of(what + "a restarted agent is quiet after", "s", quietAfter).print();
        Thread.sleep(IDLE_SECONDS * 1000L);
        Figure.of(what + "writes of a restarted agent", "", writes() - writesBefore)
                .print();
    }

    private void delete(int count) throws InterruptedException {
        Work work = new Work();
        cluster.command("kubectl", "delete", "iptunnels", "--all", "--wait=false");
        double returned = work.seconds();
        await(work, "no tunnel is left", () -> cluster.output("node1", "ls /sys/class/net | grep -c many || true")
                .strip()
                .equals("0"));
        double seconds = work.seconds();
        Thread.sleep(IDLE_SECONDS * 1000L);
        work.end();
        String what = count + " tunnels deleted: ";
        Figure.of(what + "kubectl delete returns after", "s", returned).print();
        Figure.of(what + "none is left after", "s", seconds).print();
        work.print(what, count);
    }

    /** What something takes, from now on. */
    private final class Work {
        private final double nodeBefore = HostProcesses.cpu(node);
        private final double controlPlaneBefore = HostProcesses.cpu(controlPlane);
        private final long start = System.nanoTime();
        private double nodeCpu;
        private double controlPlaneCpu;

        double seconds() {
            return (System.nanoTime() - start) / 1e9;
        }

        void end() {
            double total = seconds();
            nodeCpu = HostProcesses.cpu(node) - nodeBefore - idle.node() * total;
            controlPlaneCpu = HostProcesses.cpu(controlPlane) - controlPlaneBefore - idle.controlPlane() * total;
        }

        void print(String what, int count) {
            Figure.of(what + "processor time of the node, each", "ms", 1000 * nodeCpu / count)
                    .print();
            Figure.of(what + "processor time of API server and etcd, each", "ms", 1000 * controlPlaneCpu / count)
                    .print();
            Figure.of(what + "node / API server and etcd", "", nodeCpu / controlPlaneCpu)
                    .print();
        }
    }

    /** Requests that write IpTunnels or Events, of all clients. */
    private double writes() {
        return cluster.command("kubectl", "get", "--raw", "/metrics")
                .lines()
                .filter(line -> line.startsWith("apiserver_request_total{"))
                .filter(line -> line.contains("group=\"iptunnel.dev\"") || line.contains("group=\"events.k8s.io\""))
                .filter(line -> WRITES.stream().anyMatch(line::contains))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** Of the agent's process, by smaps_rollup of proc(5). */
    private void memory(String what) {
        Map<String, Double> kibibytes = new HashMap<>();
        cluster.exec("node1", "cat /proc/" + agent() + "/smaps_rollup")
                .lines()
                .map(line -> line.split(" +", -1))
                .filter(fields -> fields.length == 3)
                .forEach(fields -> kibibytes.put(fields[0], Double.parseDouble(fields[1])));
        Figure.of(what + "resident memory of the agent", "MiB", kibibytes.getOrDefault("Rss:", 0.0) / 1024)
                .print();
        Figure.of(
                        what + "anonymous and dirty memory of the agent",
                        "MiB",
                        (kibibytes.getOrDefault("Private_Dirty:", 0.0) + kibibytes.getOrDefault("Shared_Dirty:", 0.0))
                                / 1024)
                .print();
    }

    private String agent() {
        return cluster.exec("node1", "pgrep -x java").strip();
    }

    private static IpTunnel tunnel(int i) {
        return IpTunnels.tunnel(
                "many" + i,
                IpTunnels.spec(
                        """
                        nodeName: node1
                        mode: ipip
                        local: 10.77.0.1
                        remote: 10.77.%d.%d
                        addresses: [{address: 10.%d.%d.%d/32}]
                        """,
                        1 + i / 250, 1 + i % 250, 100 + i / 65536, i / 256 % 256, i % 256));
    }

    private final class ReadyWatcher implements Watcher<IpTunnel> {
        @Override
        public void eventReceived(Action action, IpTunnel tunnel) {
            boolean isReady = tunnel.getStatus() != null
                    && tunnel.getStatus().conditions().stream()
                            .anyMatch(condition -> condition.getType().equals("Ready")
                                    && condition.getStatus().equals("True"));
            if (isReady) {
                ready.add(tunnel.getMetadata().getName());
            }
        }

        @Override
        public void onClose(WatcherException cause) {
            throw new IllegalStateException(cause);
        }
    }
}
