package dev.iptunnel.health;

import dev.iptunnel.http.HttpAnswer;
import dev.iptunnel.http.HttpRequest;
import dev.iptunnel.http.HttpServer;
import dev.iptunnel.http.SocketLayer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * {@code /livez} and {@code /readyz} for the kubelet, {@code /metrics} for Prometheus, {@code /statusz} and {@code /loglevel}
 * for a person on this machine.
 */
public final class HttpEndpoints implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final Supplier<Optional<String>> sickness;
    private final Supplier<Optional<String>> unreadiness;
    private final Supplier<byte[]> metrics;
    private final Supplier<String> status;
    private final LogLevel logLevel;
    private final HttpServer server;

    /**
     * Begins to answer.
     *
     * @param address retried while it cannot listen there
     * @param sickness why the process has to be restarted
     * @param unreadiness what the process waits for
     */
    public HttpEndpoints(
            InetSocketAddress address,
            Supplier<Optional<String>> sickness,
            Supplier<Optional<String>> unreadiness,
            Supplier<byte[]> metrics,
            Supplier<String> status,
            LogLevel logLevel) {
        this.sickness = sickness;
        this.unreadiness = unreadiness;
        this.metrics = metrics;
        this.status = status;
        this.logLevel = logLevel;
        server = new HttpServer(
                "http", new HttpServer.Settings(address, "--http-address", SocketLayer.NONE, LIMIT), this::answer);
    }

    /** 0 while the address cannot be listened on. */
    public int port() {
        return server.port();
    }

    private HttpAnswer answer(HttpRequest request) {
        boolean changesLevel = request.method().equals("PUT") && request.path().equals("/loglevel");
        if (!request.reads() && !changesLevel) {
            return HttpAnswer.text(405, "GET or HEAD; PUT of /loglevel");
        }
        return switch (request.path()) {
            case "/livez" -> health(sickness.get());
            case "/readyz" -> health(unreadiness.get());
            case "/metrics" -> HttpAnswer.metrics(metrics.get());
            case "/statusz" -> onlyHere(request, () -> HttpAnswer.text(200, status.get()));
            case "/loglevel" -> onlyHere(request, () -> logLevel(request));
            default -> HttpAnswer.text(404, "not found: there are /livez, /readyz, /metrics, /statusz and /loglevel");
        };
    }

    private static HttpAnswer health(Optional<String> trouble) {
        return HttpAnswer.text(trouble.isEmpty() ? 200 : 503, trouble.orElse("ok"));
    }

    /** Even if the server's address is not on loopback. */
    private static HttpAnswer onlyHere(HttpRequest request, Supplier<HttpAnswer> answer) {
        return request.fromThisMachine()
                ? answer.get()
                : HttpAnswer.text(403, request.path() + " is answered over loopback only");
    }

    private HttpAnswer logLevel(HttpRequest request) {
        if (!request.reads() && !logLevel.change(request.body().strip())) {
            return HttpAnswer.text(400, "write one of: " + LogLevel.ALL);
        }
        return HttpAnswer.text(200, logLevel.current().toLowerCase(Locale.ROOT));
    }

    @Override
    public void close() {
        server.close();
    }
}
