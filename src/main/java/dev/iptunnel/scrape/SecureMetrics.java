package dev.iptunnel.scrape;

import dev.iptunnel.http.HttpAnswer;
import dev.iptunnel.http.HttpRequest;
import dev.iptunnel.http.HttpServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * {@code /metrics} over TLS and nothing else, for bearers of a token whose user the API server allows to GET {@code /metrics},
 * as kube-rbac-proxy and the kubelet do it.
 */
public final class SecureMetrics implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(15);
    private static final String SCHEME = "bearer ";

    private final Supplier<byte[]> page;
    private final CachedReviews reviews;
    private final HttpServer server;

    private SecureMetrics(InetSocketAddress address, ServerTls tls, CachedReviews reviews, Supplier<byte[]> page) {
        this.page = page;
        this.reviews = reviews;
        server = new HttpServer(
                "https", new HttpServer.Settings(address, "--metrics-address", tls, LIMIT), this::answer);
    }

    /**
     * Begins to serve.
     *
     * @param client asks for reviews; it needs the right to create them
     * @param page the metrics
     */
    public static SecureMetrics serve(
            InetSocketAddress address, ServerTls tls, KubernetesClient client, Supplier<byte[]> page) {
        return new SecureMetrics(address, tls, new CachedReviews(new Reviews(client), System::nanoTime), page);
    }

    /** 0 while the address cannot be listened on. */
    public int port() {
        return server.port();
    }

    private HttpAnswer answer(HttpRequest request) {
        if (!request.path().equals("/metrics")) {
            return HttpAnswer.text(404, "not found: there is /metrics");
        }
        if (!request.reads()) {
            return HttpAnswer.text(405, "GET or HEAD");
        }
        Optional<String> token = request.field("Authorization")
                .filter(value -> value.toLowerCase(Locale.ROOT).startsWith(SCHEME))
                .map(value -> value.substring(SCHEME.length()).strip())
                .filter(value -> !value.isEmpty());
        return token.isEmpty() ? unauthenticated() : answer(token.get());
    }

    private HttpAnswer answer(String token) {
        return reviews.of(token)
                .map(verdict -> switch (verdict) {
                    case ALLOWED -> HttpAnswer.metrics(page.get());
                    case FORBIDDEN ->
                        HttpAnswer.text(
                                403,
                                "this user has no right to GET /metrics: bind the ClusterRole iptunnel-metrics-reader");
                    case UNAUTHENTICATED -> unauthenticated();
                })
                .orElseGet(() -> HttpAnswer.text(503, "the API server does not say whose token this is, try again"));
    }

    private static HttpAnswer unauthenticated() {
        return HttpAnswer.text(401, "send a token of the cluster: Authorization: Bearer TOKEN")
                .with("WWW-Authenticate: Bearer");
    }

    @Override
    public void close() {
        server.close();
    }
}
