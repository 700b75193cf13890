package dev.iptunnel.apiserver;

import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * The JDK's client with a time limit on everything that waits for the peer, and with the pauses that the peer asks for.
 * The JDK's own limit for a request ends with the headers of the answer, and a WebSocket has no limit.
 */
final class BoundedHttpClient extends HttpClient {
    /** From the request to the headers of the answer, if the request has no limit of its own. */
    private static final Duration HEADERS = Duration.ofSeconds(10);
    /** From the headers to the end of the answer. */
    static final Duration BODY = Duration.ofSeconds(20);

    /**
     * A watch as a stream, which Fabric8 uses where a proxy blocks WebSockets. A stream has no pings. So the API server
     * is asked to end it soon, and the client ends it if the API server does not.
     */
    private static final Pattern STREAMED_WATCH = Pattern.compile("(?<=[?&])watch=true(?=&|$)");

    private static final Pattern WATCH_SECONDS = Pattern.compile("(?<=[?&])timeoutSeconds=\\d+");
    private static final int STREAM_SECONDS = 40;
    private static final Duration STREAM = Duration.ofSeconds(50);

    private final HttpClient jdk;
    private final Duration bodyLimit;
    private final ApiServerContact contact;

    /** @param bodyLimit from the headers of an answer to its end */
    BoundedHttpClient(HttpClient jdk, Duration bodyLimit, ApiServerContact contact) {
        this.jdk = jdk;
        this.bodyLimit = bodyLimit;
        this.contact = contact;
    }

    private static boolean isWatch(HttpRequest request) {
        String query = request.uri().getRawQuery();
        return query != null && STREAMED_WATCH.matcher(query).find();
    }

    private static HttpRequest bounded(HttpRequest request) {
        HttpRequest.Builder copy = HttpRequest.newBuilder(request, (_, _) -> true);
        if (isWatch(request)) {
            String uri = request.uri().toString();
            String seconds = "timeoutSeconds=" + STREAM_SECONDS;
            copy.uri(URI.create(
                    WATCH_SECONDS.matcher(uri).find()
                            ? WATCH_SECONDS.matcher(uri).replaceFirst(seconds)
                            : uri + "&" + seconds));
        }
        return copy.timeout(request.timeout().orElse(HEADERS)).build();
    }

    private <T> BodyHandler<T> bounded(HttpRequest request, BodyHandler<T> handler) {
        Duration limit = isWatch(request) ? STREAM : bodyLimit;
        return answer -> {
            if (isWatch(request)) {
                contact.opened(request.uri());
            }
            contact.heard();
            return DeferredBody.of(answer, new TimedBody<>(handler.apply(answer), limit));
        };
    }

    @Override
    public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler)
            throws IOException, InterruptedException {
        return jdk.send(bounded(request), bounded(request, handler));
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, BodyHandler<T> handler) {
        return jdk.sendAsync(bounded(request), bounded(request, handler));
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
            HttpRequest request, BodyHandler<T> handler, PushPromiseHandler<T> pushed) {
        return jdk.sendAsync(bounded(request), bounded(request, handler), pushed);
    }

    @Override
    public WebSocket.Builder newWebSocketBuilder() {
        return new PingedBuilder(jdk.newWebSocketBuilder(), contact);
    }

    @Override
    public Optional<CookieHandler> cookieHandler() {
        return jdk.cookieHandler();
    }

    @Override
    public Optional<Duration> connectTimeout() {
        return jdk.connectTimeout();
    }

    @Override
    public Redirect followRedirects() {
        return jdk.followRedirects();
    }

    @Override
    public Optional<ProxySelector> proxy() {
        return jdk.proxy();
    }

    @Override
    public SSLContext sslContext() {
        return jdk.sslContext();
    }

    @Override
    public SSLParameters sslParameters() {
        return jdk.sslParameters();
    }

    @Override
    public Optional<Authenticator> authenticator() {
        return jdk.authenticator();
    }

    @Override
    public Version version() {
        return jdk.version();
    }

    @Override
    public Optional<Executor> executor() {
        return jdk.executor();
    }

    @Override
    public void shutdown() {
        jdk.shutdown();
    }

    @Override
    public void shutdownNow() {
        jdk.shutdownNow();
    }

    @Override
    public boolean isTerminated() {
        return jdk.isTerminated();
    }

    @Override
    public boolean awaitTermination(Duration duration) throws InterruptedException {
        return jdk.awaitTermination(duration);
    }

    @Override
    public void close() {
        jdk.close();
    }

    /** Delegates to the JDK's builder, but wraps the listener. */
    private record PingedBuilder(WebSocket.Builder jdk, ApiServerContact contact) implements WebSocket.Builder {
        @Override
        public PingedBuilder header(String name, String value) {
            jdk.header(name, value);
            return this;
        }

        @Override
        public PingedBuilder connectTimeout(Duration timeout) {
            jdk.connectTimeout(timeout);
            return this;
        }

        @Override
        public PingedBuilder subprotocols(String mostPreferred, String... lesserPreferred) {
            jdk.subprotocols(mostPreferred, lesserPreferred);
            return this;
        }

        @Override
        public CompletableFuture<WebSocket> buildAsync(URI uri, WebSocket.Listener listener) {
            return jdk.buildAsync(uri, new PingedListener(new ContactListener(listener, contact, uri)));
        }
    }
}
