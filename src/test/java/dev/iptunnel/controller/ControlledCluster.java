package dev.iptunnel.controller;

import dev.iptunnel.api.ApiServer;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSetStatus;
import dev.iptunnel.apiserver.ApiServerConnection;
import dev.iptunnel.apiserver.ApiServerContact;
import dev.iptunnel.controller.cluster.StoredTunnel;
import dev.iptunnel.controller.health.ControllerMetrics;
import dev.iptunnel.schedule.Clocks;
import dev.iptunnel.set.SetNames;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A real API server with Node objects without nodes, the controller as threads of this process, and simulated agents. */
final class ControlledCluster implements BeforeEachCallback, AfterEachCallback {
    static final String NAMESPACE = "iptunnel-system";
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final List<Controller> controllers = new ArrayList<>();
    private final List<KubernetesClient> clients = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private Optional<SimulatedAgents> agents = Optional.empty();
    KubernetesClient client;

    ControlledCluster() {
        try {
            client = ApiServer.connect();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        open();
    }

    /** Makes the namespace, and starts the agents. */
    void open() {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .serverSideApply();
        // Other tests leave some behind.
        deleteNodes();
        agents = Optional.of(new SimulatedAgents(client));
    }

    SimulatedAgents agents() {
        return agents.orElseThrow();
    }

    /** Starts a controller; the first one leads. */
    Controller start() {
        return start(Config.autoConfigure(null));
    }

    /** Starts a controller of this user. */
    Controller start(Config user) {
        ApiServerContact contact = new ApiServerContact(Clock.systemUTC());
        return start(ApiServerConnection.open(user, contact), contact);
    }

    /** Starts a controller with this client, which it closes at its end. */
    Controller start(KubernetesClient own, ApiServerContact contact) {
        Controller controller = new Controller(
                new ControllerOptions(
                        NAMESPACE,
                        "controller-" + controllers.size(),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                own,
                contact,
                new ControllerMetrics(),
                Clocks.system(),
                () -> {});
        Thread thread = Thread.ofPlatform().daemon().start(() -> {
            try {
                controller.lead();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        clients.add(own);
        controllers.add(controller);
        threads.add(thread);
        return controller;
    }

    /** Stops all controllers. */
    void stop() {
        threads.forEach(Thread::interrupt);
        controllers.forEach(Controller::close);
        clients.forEach(KubernetesClient::close);
        threads.clear();
        controllers.clear();
        clients.clear();
    }

    /** Creates Nodes from {@code node1} on, with addresses 192.0.2.1 and so on. */
    void nodes(int count) {
        IntStream.rangeClosed(1, count).forEach(this::node);
    }

    /** Creates one Node, which is Ready. */
    void node(int number) {
        Node node = new NodeBuilder()
                .withNewMetadata()
                .withName("node" + number)
                .addToLabels("iptunnel.dev/test", "true")
                .endMetadata()
                .withNewSpec()
                .withPodCIDRs("10.244." + number + ".0/24")
                .withPodCIDR("10.244." + number + ".0/24")
                .endSpec()
                .build();
        client.resource(node).create();
        ready("node" + number, "True", "192.0.2." + number);
    }

    /** Writes the status of a Node as its kubelet would. */
    void ready(String name, String status, String... addresses) {
        client.nodes().withName(name).editStatus(node -> {
            NodeBuilder edited = new NodeBuilder(node);
            edited.editOrNewStatus()
                    .withConditions(new NodeConditionBuilder()
                            .withType("Ready")
                            .withStatus(status)
                            .withReason("Test")
                            .build())
                    .withAddresses(List.of(addresses).stream()
                            .map(address -> new NodeAddress(address, "InternalIP"))
                            .toList())
                    .endStatus();
            return edited.build();
        });
    }

    /** Applies a manifest of an IpTunnelSet. */
    IpTunnelSet apply(String manifest) {
        return client.resource(Serialization.unmarshal(manifest, IpTunnelSet.class))
                .forceConflicts()
                .serverSideApply();
    }

    Optional<IpTunnelSet> set(String name) {
        return Optional.ofNullable(
                client.resources(IpTunnelSet.class).withName(name).get());
    }

    /** Its status; empty before the controller has seen it. */
    Optional<IpTunnelSetStatus> status(String name) {
        return set(name).map(IpTunnelSet::getStatus).filter(status -> status.observedGeneration() != null);
    }

    /** The tunnels of a set. */
    List<StoredTunnel> tunnels(String set) {
        return client.resources(StoredTunnel.class)
                .withLabel(SetNames.SET, set)
                .list()
                .getItems();
    }

    /** Waits until the condition of the set has this status and reason. */
    void awaitCondition(String set, String type, String status, String reason) {
        await(
                set + " is " + type + "=" + status + " " + reason,
                () -> condition(set, type)
                        .filter(condition -> condition.getStatus().equals(status)
                                && condition.getReason().equals(reason))
                        .isPresent(),
                () -> set(set).map(IpTunnelSet::getStatus).map(String::valueOf).orElse("no set"));
    }

    Optional<Condition> condition(String set, String type) {
        return set(set)
                .filter(now -> now.getStatus() != null
                        && Objects.equals(
                                now.getStatus().observedGeneration(),
                                now.getMetadata().getGeneration()))
                .stream()
                .flatMap(now -> now.getStatus().conditions().stream())
                .filter(condition -> condition.getType().equals(type))
                .findFirst();
    }

    void await(String what, BooleanSupplier condition) {
        await(what, condition, () -> "");
    }

    void await(String what, BooleanSupplier condition, Supplier<String> otherwise) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not so in time: " + what + "; " + otherwise.get());
            }
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** A text of each tunnel of the set, sorted. */
    List<String> each(String set, Function<StoredTunnel, String> text) {
        return tunnels(set).stream().map(text).sorted().toList();
    }

    private void deleteNodes() {
        client.nodes().list().getItems().forEach(node -> client.resource(node).delete());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        close();
    }

    /** Stops everything, and deletes what the test made. */
    void close() {
        stop();
        client.resources(IpTunnelSet.class).delete();
        // There is no garbage collector beside the API server.
        client.resources(StoredTunnel.class).delete();
        client.configMaps().inNamespace(NAMESPACE).delete();
        client.apps().controllerRevisions().inNamespace(NAMESPACE).delete();
        client.resources(Lease.class).inNamespace(NAMESPACE).delete();
        deleteNodes();
        agents.ifPresent(SimulatedAgents::close);
        await(
                "everything is deleted",
                () -> client.resources(IpTunnelSet.class).list().getItems().isEmpty()
                        && client.resources(StoredTunnel.class)
                                .list()
                                .getItems()
                                .isEmpty());
    }
}
