package dev.iptunnel.agent.cluster;

import dev.iptunnel.kernel.KernelException;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The addresses and ports of the API server: the one that the client uses, which may be a Service's that the node translates,
 * the endpoints behind the Service {@code kubernetes}, and what other programs of the node use. Follows changes of them.
 */
public final class ApiServerAddresses implements ResourceEventHandler<EndpointSlice>, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ApiServerAddresses.class);
    private static final String NAMESPACE = "default";
    private static final String SERVICE_LABEL = "kubernetes.io/service-name";
    private static final String SERVICE = "kubernetes";

    private final String host;
    private final int port;
    private final ConnectedServers connections;
    private final Consumer<Reached> listener;
    private final SharedIndexInformer<EndpointSlice> endpoints;
    private final CompletableFuture<Void> answered = new CompletableFuture<>();
    private Set<InetSocketAddress> ofHost = Set.of();
    private Set<InetAddress> connected = Set.of();
    private Reached told = new Reached(Set.of(), Set.of());

    /**
     * Where the API server is reached.
     *
     * @param servers by the agent
     * @param connected only by other programs of the node
     */
    public record Reached(Set<InetSocketAddress> servers, Set<InetAddress> connected) {
        public Reached {
            servers = Set.copyOf(servers);
            connected = Set.copyOf(connected);
        }

        public Set<InetAddress> addresses() {
            return Stream.concat(servers.stream().map(InetSocketAddress::getAddress), connected.stream())
                    .collect(Collectors.toSet());
        }
    }

    /** @param listener receives all addresses after each change, for the first time before {@link #start} returns */
    public ApiServerAddresses(KubernetesClient client, ConnectedServers connections, Consumer<Reached> listener) {
        this.host = client.getMasterUrl().getHost().replace("[", "").replace("]", "");
        URL url = client.getMasterUrl();
        this.port = url.getPort() < 0 ? url.getDefaultPort() : url.getPort();
        this.connections = connections;
        this.listener = listener;
        endpoints = client.discovery()
                .v1()
                .endpointSlices()
                .inNamespace(NAMESPACE)
                .withLabel(SERVICE_LABEL, SERVICE)
                .runnableInformer(0)
                .addEventHandler(this)
                .exceptionHandler((_, failure) -> unknown(failure));
    }

    /** Waits for the endpoints, at most for this time, and not if the API server refuses them. */
    public void start(Duration patience) {
        refresh();
        endpoints.start().thenRun(() -> answered.complete(null));
        try {
            answered.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.atWarn()
                    .log(
                            "the endpoints behind the Service {} are not known yet; they are guarded as soon as they are known",
                            SERVICE);
        }
        refresh();
    }

    /** Logs the failure; the informer retries. */
    private boolean unknown(Throwable failure) {
        log.atWarn()
                .log(
                        "the endpoints behind the Service {} are not known, and not guarded: {}",
                        SERVICE,
                        failure.getMessage());
        answered.complete(null);
        return true;
    }

    /** Looks up the host's name again; if that fails, the addresses stay. Reads the node's connections. */
    public synchronized void refresh() {
        try {
            ofHost = Arrays.stream(InetAddress.getAllByName(host))
                    .map(address -> new InetSocketAddress(address, port))
                    .collect(Collectors.toSet());
        } catch (UnknownHostException e) {
            log.atWarn().log("the API server's host \"{}\" has no address now: {}", host, e.getMessage());
        }
        try {
            connected = connections.look(servers());
        } catch (KernelException e) {
            log.atWarn().log("the node's connections to the API server are not known now: {}", e.detail());
        }
        tell();
    }

    private synchronized void tell() {
        Reached now = new Reached(servers(), connected);
        if (!now.equals(told)) {
            log.atDebug().log(
                    "the API server is reached by {}, and by other programs of the node by {}",
                    now.servers(),
                    now.connected());
            listener.accept(now);
            told = now;
        }
    }

    private Set<InetSocketAddress> servers() {
        Set<InetSocketAddress> servers = new HashSet<>(ofHost);
        endpoints.getStore().list().forEach(slice -> servers.addAll(addresses(slice)));
        return servers;
    }

    /** A slice without ports is one of all ports. The API server writes an empty list as null. */
    private Set<InetSocketAddress> addresses(EndpointSlice slice) {
        int targetPort = Stream.ofNullable(slice.getPorts())
                .flatMap(List::stream)
                .map(EndpointPort::getPort)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(port);
        return Stream.ofNullable(slice.getEndpoints())
                .flatMap(List::stream)
                .flatMap(endpoint -> Stream.ofNullable(endpoint.getAddresses()).flatMap(List::stream))
                .flatMap(ApiServerAddresses::literal)
                .map(address -> new InetSocketAddress(address, targetPort))
                .collect(Collectors.toSet());
    }

    /** A slice of type FQDN contains names, which are ignored. */
    private static Stream<InetAddress> literal(String text) {
        try {
            return Stream.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException name) {
            return Stream.empty();
        }
    }

    @Override
    public void onAdd(EndpointSlice slice) {
        tell();
    }

    @Override
    public void onUpdate(EndpointSlice before, EndpointSlice now) {
        tell();
    }

    @Override
    public void onDelete(EndpointSlice slice, boolean finalStateUnknown) {
        tell();
    }

    @Override
    public void close() {
        endpoints.stop();
    }
}
