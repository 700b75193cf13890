package dev.iptunnel.agent;

import dev.iptunnel.agent.cluster.FaultyApiServer;
import dev.iptunnel.agent.health.AgentMetrics;
import dev.iptunnel.agent.health.AgentProbes;
import dev.iptunnel.agent.lease.LeaseTerms;
import dev.iptunnel.api.DeployedManifests;
import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.kernel.FakeTunnelKernel;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.planner.SimulatedNode;
import dev.iptunnel.schedule.Clocks;
import dev.iptunnel.tunnel.IpFamily;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The agent against a real API server, with the rights and under the policies of {@code deploy/base}, over a kernel in
 * memory: started before each test, without IpTunnels.
 */
public final class AgentOfNode1 implements BeforeEachCallback, AfterEachCallback {
    static final String NODE = "node1";
    static final String NODE_ADDRESS = "192.0.2.7";
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    /** In the metrics, of what the SDK has received. */
    private static final Pattern DELETIONS =
            Pattern.compile("(?m)^events_received_total\\{[^}]*action=\"DELETED\"[^}]*} [1-9]");

    final DeployedManifests deployed = deploy();
    /** The administrator's client. */
    final KubernetesClient client = deployed.admin();

    final FaultyApiServer api = new FaultyApiServer();
    final FakeTunnelKernel kernel = new FakeTunnelKernel(SimulatedNode.withEthernet());
    private final KubernetesClient agentsClient;
    private final Duration resync;
    private final Clocks clocks;
    private volatile Optional<AgentProbes> probes = Optional.empty();
    private Optional<Agent> agent = Optional.empty();

    /** An agent that acts on events only, without the periodic comparison. */
    AgentOfNode1() {
        this(Duration.ofHours(1), Clocks.system());
    }

    AgentOfNode1(Duration resync, Clocks clocks) {
        this(resync, clocks, 0);
    }

    /** An agent whose client tries requests again, as the program's does. */
    static AgentOfNode1 withRetries() {
        return new AgentOfNode1(Duration.ofHours(1), Clocks.system(), 2);
    }

    private AgentOfNode1(Duration resync, Clocks clocks, int retries) {
        this.resync = resync;
        this.clocks = clocks;
        try (KubernetesClient token = deployed.agentOn(NODE)) {
            agentsClient = api.connect(token.getConfiguration(), retries);
        }
    }

    private static DeployedManifests deploy() {
        try {
            return DeployedManifests.of("deploy/base");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        start();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        kernel.release();
        stop();
        client.resources(IpTunnel.class).delete();
        await(
                "no IpTunnel",
                () -> client.resources(IpTunnel.class).list().getItems().isEmpty());
        client.leases().inNamespace(namespace()).delete();
        client.events().v1().events().inNamespace("default").delete();
        agentsClient.close();
        deployed.close();
        api.close();
    }

    void start() {
        AgentOptions options = new AgentOptions(
                NODE,
                List.of(IpFamily.IPV4.parse(NODE_ADDRESS)),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                resync,
                Optional.of(new LeaseTerms(namespace(), () -> api.contact().silence("iptunnels"))));
        AgentMetrics metrics = new AgentMetrics();
        AgentProbes opened = new AgentProbes(options.httpAddress(), metrics);
        probes = Optional.of(opened);
        agent = Optional.of(Agent.start(options, agentsClient, kernel, metrics, clocks, opened));
    }

    /** Of the agent, and of its Lease. */
    String namespace() {
        return deployed.account().getMetadata().getNamespace();
    }

    /** The metrics in the format of Prometheus. */
    String metrics() {
        return probe("/metrics");
    }

    /** The agent has heard of a deletion since it started. */
    void awaitDeletionHeard() {
        await("a deletion is heard of", () -> DELETIONS.matcher(metrics()).find());
    }

    void stop() {
        agent.ifPresent(Agent::close);
        agent = Optional.empty();
    }

    /** The code and the body of the answer of a probe. */
    String probe(String path) {
        URI uri = URI.create("http://127.0.0.1:" + probes.map(AgentProbes::port).orElse(0) + path);
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> answer =
                    http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() + " " + answer.body();
        } catch (IOException e) {
            return "0 " + e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** An ipip tunnel of the node to 198.51.100.REMOTE. */
    static IpTunnelSpec ipip(int remote) {
        return IpTunnels.spec(
                """
                nodeName: node1
                mode: ipip
                local: 192.0.2.1
                remote: 198.51.100.%d
                """,
                remote);
    }

    void create(String name, IpTunnelSpec spec) {
        client.resource(IpTunnels.tunnel(name, spec)).create();
    }

    void change(String name, String fields) {
        IpTunnels.edit(client.resources(IpTunnel.class).withName(name), fields);
    }

    void delete(String name) {
        client.resources(IpTunnel.class).withName(name).delete();
    }

    IpTunnel get(String name) {
        return client.resources(IpTunnel.class).withName(name).require();
    }

    Optional<ObservedLink> link(String name) {
        return kernel.links().stream().filter(link -> link.name().equals(name)).findFirst();
    }

    int ifindex(String name) {
        return link(name).orElseThrow().index();
    }

    /** The condition, if it describes the current generation. */
    Optional<Condition> condition(String name, String type) {
        IpTunnel tunnel = get(name);
        return tunnel.getMetadata().getGeneration().equals(tunnel.getStatus().observedGeneration())
                ? tunnel.getStatus().conditions().stream()
                        .filter(condition -> condition.getType().equals(type))
                        .findFirst()
                : Optional.empty();
    }

    Condition awaitCondition(String name, String type, String reason) {
        await(name + " " + type + " " + reason, () -> condition(name, type)
                .filter(condition -> condition.getReason().equals(reason))
                .isPresent());
        return condition(name, type).orElseThrow();
    }

    void awaitInSync(String name) {
        awaitCondition(name, "Programmed", "InSync");
    }

    /** The reasons of the object's Events, in the order in which they were recorded. */
    List<String> events(String name) {
        return client.events().v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> name.equals(event.getRegarding().getName()))
                .sorted(Comparator.comparing(event -> event.getMetadata().getName()))
                .map(Event::getReason)
                .toList();
    }

    void awaitEvent(String name, String reason) {
        await("Event " + reason + " of " + name, () -> events(name).contains(reason));
    }

    /** Long enough for anything that should not happen to have happened. */
    static void settle() {
        pause(Duration.ofSeconds(1));
    }

    void await(String what, BooleanSupplier so) {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!so.getAsBoolean()) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("not so after " + PATIENCE.toSeconds() + " s: " + what);
            }
            pause(Duration.ofMillis(20));
        }
    }

    public static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
