package dev.iptunnel.apiserver;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.RequestConfig;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Opens clients of the API server that notice by themselves when the peer is gone. A watch sends WebSocket pings, a
 * request and its answer have time limits, and the CA file is read again when it changes.
 *
 * <p>Requests use HTTP/1.1: if a request times out, its connection is closed. With HTTP/2 all requests would share one
 * connection, and would continue to use it after it is dead.
 */
public final class ApiServerConnection {
    private static final Duration SHORT = Duration.ofSeconds(5);

    private ApiServerConnection() {}

    /**
     * Opens a client; nothing is sent yet.
     *
     * @throws KubernetesClientException if the configuration cannot be used, for example an invalid CA file
     */
    public static KubernetesClient open(Config config) {
        return open(config, builder -> {});
    }

    /**
     * Opens a client; nothing is sent yet.
     *
     * @param contact is told of all that arrives
     */
    public static KubernetesClient open(Config config, ApiServerContact contact) {
        return open(config, builder -> {}, BoundedHttpClient.BODY, contact);
    }

    /**
     * Opens a client; nothing is sent yet.
     *
     * @param more further settings of its HTTP client
     */
    public static KubernetesClient open(Config config, Consumer<HttpClient.Builder> more) {
        return open(config, more, BoundedHttpClient.BODY);
    }

    /**
     * Opens a client; nothing is sent yet.
     *
     * @param more further settings of its HTTP client
     * @param contact is told of all that arrives
     */
    public static KubernetesClient open(Config config, Consumer<HttpClient.Builder> more, ApiServerContact contact) {
        return open(config, more, BoundedHttpClient.BODY, contact);
    }

    /** The same client for requests that are tried once, and given up after five seconds without an answer. */
    public static KubernetesClient triesOnce(KubernetesClient client) {
        RequestConfig once = new RequestConfigBuilder()
                .withRequestRetryBackoffLimit(0)
                .withRequestTimeout((int) SHORT.toMillis())
                .build();
        return client.newClient(once).adapt(KubernetesClient.class);
    }

    static KubernetesClient open(Config config, Consumer<HttpClient.Builder> more, Duration bodyLimit) {
        return open(config, more, bodyLimit, new ApiServerContact(Clock.systemUTC()));
    }

    private static KubernetesClient open(
            Config config, Consumer<HttpClient.Builder> more, Duration bodyLimit, ApiServerContact contact) {
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientFactory(new BoundedClientFactory(bodyLimit, contact))
                .withHttpClientBuilderConsumer(builder -> {
                    configure(builder, config);
                    more.accept(builder);
                })
                .build();
    }

    private static void configure(HttpClient.Builder builder, Config config) {
        try {
            builder.preferHttp11().sslContext(SSLUtils.keyManagers(config), CaFileTrust.of(config));
        } catch (GeneralSecurityException | IOException e) {
            throw new KubernetesClientException("the connection to the API server cannot be set up: " + e, e);
        }
    }
}
