package dev.iptunnel.image;

import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.CustomResourceDefinitionContext;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/**
 * Runs the image's agent once, as a node runs it, against a mock API server, and has the JVM write its AOT cache
 * (JEP 514) from what the run loaded. It fails where the agent does not do its work, or where the cache is not one that
 * the JVM takes.
 *
 * <p>Nothing here needs tunnel drivers: the ioctls are made, and refused by the kernel.
 */
public final class AotTraining {
    private static final String NODE = "training";
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Logger SERVER_LOG = Logger.getLogger(MockWebServer.class.getName());

    private final HttpClient http = HttpClient.newHttpClient();
    private final Path log;
    private final KubernetesClient client;

    private AotTraining(Path log, KubernetesClient client) {
        this.log = log;
        this.client = client;
    }

    /** Arguments: a folder for the log, the cache to write, and the command line that starts {@code iptunnel}. */
    public static void main(String... arguments) throws Exception {
        SERVER_LOG.setLevel(Level.WARNING);
        Path folder = Files.createDirectories(Path.of(arguments[0]));
        Path cache = Path.of(arguments[1]);
        List<String> iptunnel = List.of(arguments).subList(2, arguments.length);

        var tunnels = CustomResourceDefinitionContext.fromCustomResourceType(IpTunnel.class);
        var server = new KubernetesMockServer(
                new Context(), new MockWebServer(), new HashMap<>(), new TrainingApiServer(tunnels), true);
        server.init(InetAddress.getByName("localhost"), 0);
        try (KubernetesClient client = server.createClient()) {
            new AotTraining(folder.resolve("agent.log"), client).run(iptunnel, cache, folder, server);
        } finally {
            server.destroy();
        }
        // Vert.x leaves threads behind.
        System.exit(0);
    }

    private void run(List<String> iptunnel, Path cache, Path folder, KubernetesMockServer server) throws Exception {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("kube-system")
                        .withUid(UUID.randomUUID().toString())
                        .endMetadata()
                        .build())
                .create();
        for (String mode : List.of("ipip", "sit", "ip6ip6", "ipip6")) {
            client.resource(tunnel(mode + "-free", mode, null)).create();
            client.resource(tunnel(mode + "-bound", mode, "lo")).create();
            client.resource(tunnel(mode + "-waiting", mode, "absent0")).create();
        }

        String address = "127.0.0.1:" + freePort();
        Process agent = agent(iptunnel, cache, folder, server, address);
        try {
            await("the agent to be ready", agent, () -> get(address, "/readyz") == 200);
            await("every tunnel to have a status", agent, this::everyTunnelHasAStatus);
            IpTunnels.edit(
                    client.resources(IpTunnel.class).withName("sit-waiting"),
                    _ -> tunnel("sit-waiting", "sit", "lo").getSpec());
            client.resource(tunnel("late", "ipip", null)).create();
            client.resources(IpTunnel.class).withName("ipip-free").delete();
            await("a late tunnel to have a status", agent, this::everyTunnelHasAStatus);
            await("an Event", agent, () -> !client.events()
                    .v1()
                    .events()
                    .inAnyNamespace()
                    .list()
                    .getItems()
                    .isEmpty());
            await("metrics", agent, () -> get(address, "/metrics") == 200);
            await("life", agent, () -> get(address, "/livez") == 200);
            agent.destroy();
            if (!agent.waitFor(PATIENCE)) {
                throw failure("the agent did not end when it was told to");
            }
        } finally {
            agent.destroyForcibly();
        }
        requireUsable(iptunnel, cache);
    }

    private Process agent(List<String> iptunnel, Path cache, Path folder, KubernetesMockServer server, String address)
            throws IOException {
        Path token = Files.writeString(folder.resolve("token"), "training");
        var command = new ArrayList<>(iptunnel);
        command.add(1, "-XX:AOTCacheOutput=" + cache);
        command.addAll(List.of("agent", "--node-name", NODE, "--http-address", address, "--resync", "PT1S"));
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        // Nothing of this machine's, above all no kubeconfig: the client finds its cluster as it does in a pod.
        builder.environment().clear();
        builder.environment()
                .putAll(Map.of(
                        "KUBERNETES_SERVICE_HOST", "localhost",
                        "KUBERNETES_SERVICE_PORT", Integer.toString(server.getPort()),
                        "KUBERNETES_AUTH_SERVICEACCOUNT_TOKEN", token.toString(),
                        "KUBERNETES_CERTS_CA_FILE",
                                server.getSelfSignedCertificate().certificatePath()));
        return builder.start();
    }

    private void requireUsable(List<String> iptunnel, Path cache) throws IOException, InterruptedException {
        if (!Files.exists(cache)) {
            throw failure("the JVM wrote no AOT cache");
        }
        var command = new ArrayList<>(iptunnel);
        command.addAll(1, List.of("-XX:AOTMode=on", "-XX:AOTCache=" + cache));
        command.add("--help");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        if (!process.waitFor(PATIENCE) || process.exitValue() != 0) {
            throw failure("the JVM does not take its own AOT cache");
        }
    }

    private static IpTunnel tunnel(String name, String mode, String parent) {
        boolean outer6 = mode.equals("ip6ip6") || mode.equals("ipip6");
        boolean inner6 = mode.equals("ip6ip6") || mode.equals("sit");
        IpTunnel tunnel = new IpTunnel();
        tunnel.setMetadata(
                new ObjectMetaBuilder().withName(name).withGeneration(1L).build());
        return with(
                tunnel,
                IpTunnels.spec(
                        """
                        nodeName: %s
                        mode: %s
                        interfaceName: %s
                        local: %s
                        remote: %s
                        parent: %s
                        addresses: [{address: %s}]
                        """,
                        NODE,
                        mode,
                        name,
                        outer6 ? "2001:db8::1" : "192.0.2.1",
                        outer6 ? "2001:db8::2" : "192.0.2.2",
                        parent,
                        inner6 ? "2001:db8:1::1/64" : "198.51.100.1/24"));
    }

    private static IpTunnel with(IpTunnel tunnel, IpTunnelSpec spec) {
        tunnel.setSpec(spec);
        return tunnel;
    }

    private boolean everyTunnelHasAStatus() {
        return client.resources(IpTunnel.class).list().getItems().stream()
                .allMatch(tunnel -> tunnel.getStatus() != null);
    }

    private int get(String address, String path) throws IOException, InterruptedException {
        try {
            return http.send(
                            HttpRequest.newBuilder(URI.create("http://" + address + path))
                                    .build(),
                            BodyHandlers.discarding())
                    .statusCode();
        } catch (java.net.ConnectException notYet) {
            return 0;
        }
    }

    private void await(String what, Process agent, Callable<Boolean> condition) throws Exception {
        Instant end = Instant.now().plus(PATIENCE);
        while (!condition.call()) {
            if (!agent.isAlive() || Instant.now().isAfter(end)) {
                throw failure("waited in vain for " + what);
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private IllegalStateException failure(String message) throws IOException {
        try (Stream<String> lines = Files.lines(log)) {
            lines.forEach(System.err::println);
        }
        return new IllegalStateException(message + "; what the agent said stands above and in " + log);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
