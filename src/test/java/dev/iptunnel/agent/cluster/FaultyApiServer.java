package dev.iptunnel.agent.cluster;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.iptunnel.api.StallingProxy;
import dev.iptunnel.apiserver.ApiServerConnection;
import dev.iptunnel.apiserver.ApiServerContact;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;

/** The real API server, except that some requests of its client get a wrong answer from here. */
public final class FaultyApiServer implements Interceptor, AutoCloseable {
    private static final String TUNNELS = "/apis/iptunnel\\.dev/v1alpha1/iptunnels";

    /** Kinds of requests, each with a pattern of path and query. */
    public enum Request {
        READ(TUNNELS + "/[^/?]+"),
        LIST(TUNNELS + "\\?(?!.*watch=true).*"),
        /** Without the list of one object, by which the agent checks that it may read. */
        WHOLE_LIST(TUNNELS + "\\?(?!.*watch=true)(?!.*limit=1).*"),
        WATCH(TUNNELS + "\\?.*watch=true.*"),
        STATUS(TUNNELS + "/[^/]+/status.*"),
        APPLY(TUNNELS + "/[^/?]+\\?.*fieldManager=.*"),
        /** Of the IpTunnelSet of this name. */
        STATUS_OF_STUCK("/apis/iptunnel\\.dev/v1alpha1/iptunnelsets/stuck/status.*"),
        LEASE("/apis/coordination\\.k8s\\.io/.*"),
        IDENTITY("/api/v1/namespaces/kube-system"),
        EVENT("/apis/events\\.k8s\\.io/.*");

        private final Pattern pattern;

        Request(String pattern) {
            this.pattern = Pattern.compile(pattern);
        }
    }

    private record Answer(int code, String body, OptionalInt retryAfter) {}

    private final Map<Request, Answer> answers = new ConcurrentHashMap<>();
    private final ApiServerContact contact = new ApiServerContact(Clock.systemUTC());
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;
    private Optional<StallingProxy> proxy = Optional.empty();
    private volatile CountDownLatch withheld = new CountDownLatch(0);
    private volatile int watchSeconds;

    public FaultyApiServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    /**
     * A client of the same user.
     *
     * @param retries of each request
     */
    public KubernetesClient connect(Config user, int retries) {
        StallingProxy stalling = new StallingProxy(user.getMasterUrl());
        proxy = Optional.of(stalling);
        return ApiServerConnection.open(
                new ConfigBuilder(user)
                        .withMasterUrl(stalling.url())
                        .withRequestRetryBackoffLimit(retries)
                        .build(),
                builder -> builder.addOrReplaceInterceptor("faults", this),
                contact);
    }

    /** What the client hears of the API server. */
    public ApiServerContact contact() {
        return contact;
    }

    /** Makes the open connections half-open: they are silent from now on. */
    public void stall() {
        proxy.ifPresent(StallingProxy::stall);
    }

    public void answer(Request request, int code, String body) {
        answers.put(request, new Answer(code, body, OptionalInt.empty()));
    }

    /** Refuses, and says when to try again. */
    public void throttle(Request request, int retryAfterSeconds) {
        answers.put(request, new Answer(429, "", OptionalInt.of(retryAfterSeconds)));
    }

    /** Like {@link #answer}, but after {@link #release}. */
    public void answerLater(Request request, int code, String body) {
        withheld = new CountDownLatch(1);
        answer(request, code, body);
    }

    public void release() {
        withheld.countDown();
    }

    /** Has the API server end each watch that is opened from now on after this time, as it does by itself after an hour. */
    public void endWatchesAfter(int seconds) {
        watchSeconds = seconds;
    }

    /** Ends the wrong answers. */
    public void mend() {
        answers.clear();
        release();
    }

    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        String target = target(request.uri());
        if (answers.keySet().stream()
                .anyMatch(faulty -> faulty.pattern.matcher(target).matches())) {
            builder.uri(URI.create("http://127.0.0.1:" + server.getAddress().getPort() + target));
        } else if (watchSeconds > 0 && target.contains("watch=true")) {
            String limited = target.replaceAll("&timeoutSeconds=\\d+", "") + "&timeoutSeconds=" + watchSeconds;
            builder.uri(request.uri().resolve(limited));
        }
    }

    private static String target(URI uri) {
        return uri.getRawQuery() == null ? uri.getRawPath() : uri.getRawPath() + "?" + uri.getRawQuery();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String target = target(exchange.getRequestURI());
        Answer answer = answers.entrySet().stream()
                .filter(entry -> entry.getKey().pattern.matcher(target).matches())
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(new Answer(503, "", OptionalInt.empty()));
        try (exchange) {
            // The client watches by a stream if it gets no WebSocket.
            if ("websocket".equals(exchange.getRequestHeaders().getFirst("Upgrade"))) {
                exchange.sendResponseHeaders(503, -1);
                return;
            }
            withheld.await();
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            answer.retryAfter()
                    .ifPresent(seconds -> exchange.getResponseHeaders().set("Retry-After", Integer.toString(seconds)));
            exchange.sendResponseHeaders(answer.code(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        release();
        proxy.ifPresent(StallingProxy::close);
        server.stop(0);
        threads.shutdownNow();
    }
}
