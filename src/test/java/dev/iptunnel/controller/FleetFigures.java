package dev.iptunnel.controller;

import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSetStatus;
import dev.iptunnel.controller.cluster.StoredTunnel;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Measures the controller, as a process of its own, on an API server with Node objects and simulated agents. */
final class FleetFigures implements AutoCloseable {
    private static final String SET = "fleet";
    private static final Duration LIMIT = Duration.ofMinutes(20);
    private static final Duration SETTLING = Duration.ofSeconds(30);
    /** As e2e/fleet starts the controller. */
    private static final URI METRICS = URI.create("http://127.0.0.1:9813/metrics");

    private final ControlledCluster cluster = new ControlledCluster();
    private final Process controller;

    /** @param command starts the controller */
    private FleetFigures(List<String> command) throws IOException {
        cluster.open();
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(Path.of("target/fleet.log").toFile());
        builder.environment().put("POD_NAME", "controller");
        builder.environment().put("POD_NAMESPACE", ControlledCluster.NAMESPACE);
        controller = builder.start();
    }

    /**
     * Prints the figures.
     *
     * @param arguments the topology, the number of nodes, the seconds of steady state, then the command that starts the
     *     controller
     */
    public static void main(String... arguments) throws IOException, InterruptedException {
        SetManifest manifest =
                switch (arguments[0]) {
                    case "PerNode" -> SetManifest.perNode(SET);
                    case "Mesh" -> SetManifest.mesh(SET).pool("10.200.0.0/16");
                    default -> throw new IllegalArgumentException(arguments[0]);
                };
        int nodes = Integer.parseInt(arguments[1]);
        Duration steady = Duration.ofSeconds(Long.parseLong(arguments[2]));
        try (FleetFigures figures = new FleetFigures(List.of(arguments).subList(3, arguments.length))) {
            figures.measure(manifest.yaml(), manifest.topology() + " of " + nodes, nodes);
            if (steady.isPositive()) {
                figures.stayAsItIs(manifest.topology() + " of " + nodes, steady);
            }
        }
    }

    private void measure(String manifest, String what, int nodes) throws IOException {
        IntStream.rangeClosed(1, nodes).parallel().forEach(this::node);
        int tunnels = what.startsWith("Mesh") ? nodes * (nodes - 1) : nodes;
        int more = what.startsWith("Mesh") ? 2 * nodes : 1;
        Duration before = processorTime();
        long begin = System.nanoTime();
        cluster.client
                .resource(Serialization.unmarshal(manifest, IpTunnelSet.class))
                .create();
        await(tunnels, 0);
        print(what + ": all " + tunnels + " tunnels are created, s", seconds(begin));
        await(tunnels, tunnels);
        print(what + ": the set says that all are ready, s", seconds(begin));
        print(
                what + ": processor time of the controller, s",
                processorTime().minus(before).toMillis() / 1e3);
        print(what + ": resident memory of the controller, MiB", memory("VmRSS:"));
        begin = System.nanoTime();
        node(nodes + 1);
        await(tunnels + more, tunnels + more);
        print(what + ": one more node, " + more + " tunnels, ready, s", seconds(begin));
        print(what + ": most resident memory of the controller, MiB", memory("VmHWM:"));
    }

    /** Nothing happens: nothing may be written but Leases. */
    private void stayAsItIs(String what, Duration time) throws IOException, InterruptedException {
        Thread.sleep(SETTLING.toMillis());
        double writes = writes();
        Map<String, String> before = versions();
        Duration processor = processorTime();
        Thread.sleep(time.toMillis());
        String during = " in " + time.toSeconds() + " s of steady state";
        print(what + ": writes but Leases" + during, writes() - writes);
        Map<String, String> now = versions();
        print(what + ": changed objects" + during, (double) (now.entrySet().stream()
                        .filter(object -> !object.getValue().equals(before.get(object.getKey())))
                        .count()
                + before.keySet().stream()
                        .filter(object -> !now.containsKey(object))
                        .count()));
        print(
                what + ": processor time of the controller" + during + ", s",
                processorTime().minus(processor).toMillis() / 1e3);
    }

    /** As the controller counts its writes; its Lease is not among them. */
    private static double writes() throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(HttpRequest.newBuilder(METRICS).build(), HttpResponse.BodyHandlers.ofLines())
                    .body()
                    .filter(line -> line.startsWith("iptunnel_controller_writes_total{"))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        }
    }

    /** The resourceVersion of each object that the controller may write, its Lease apart. */
    private Map<String, String> versions() {
        return Stream.of(
                        cluster.client.resources(StoredTunnel.class).list().getItems(),
                        cluster.client.resources(IpTunnelSet.class).list().getItems(),
                        cluster.client
                                .configMaps()
                                .inNamespace(ControlledCluster.NAMESPACE)
                                .list()
                                .getItems(),
                        cluster.client.events().v1().events().list().getItems())
                .flatMap(objects -> objects.stream())
                .map(HasMetadata::getMetadata)
                .collect(Collectors.toMap(ObjectMeta::getUid, ObjectMeta::getResourceVersion));
    }

    private void node(int number) {
        String name = "node" + number;
        cluster.client
                .resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .addToLabels("iptunnel.dev/test", "true")
                        .endMetadata()
                        .build())
                .create();
        cluster.client.nodes().withName(name).editStatus(node -> new NodeBuilder(node)
                .editOrNewStatus()
                .withConditions(new NodeConditionBuilder()
                        .withType("Ready")
                        .withStatus("True")
                        .build())
                .withAddresses(new NodeAddress("192.168.%d.%d".formatted(number / 250, 1 + number % 250), "InternalIP"))
                .endStatus()
                .build());
    }

    private void await(int current, int ready) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!cluster.status(SET)
                .filter(status -> has(status, current, ready))
                .isPresent()) {
            if (System.nanoTime() > end || !controller.isAlive()) {
                throw new IllegalStateException("no " + ready + " tunnels in time: " + cluster.status(SET));
            }
            pause();
        }
    }

    private static boolean has(IpTunnelSetStatus status, int current, int ready) {
        return status.tunnels() != null
                && status.tunnels().current() >= current
                && status.tunnels().ready() >= ready;
    }

    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static double seconds(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }

    private Duration processorTime() {
        return controller.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    private double memory(String field) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + controller.pid() + "/status")).stream()
                .filter(line -> line.startsWith(field))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElseThrow();
    }

    private static void print(String what, double value) {
        System.out.printf(Locale.ROOT, "| %-76s | %8.1f |%n", what, value);
    }

    @Override
    public void close() {
        controller.destroy();
        cluster.close();
    }
}
