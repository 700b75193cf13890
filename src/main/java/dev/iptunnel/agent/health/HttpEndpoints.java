package dev.iptunnel.agent.health;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /livez} and {@code /readyz} for the kubelet, {@code /metrics} for Prometheus. No client can keep others from
 * an answer: each connection has a thread of its own and limits on bytes and time, and if many are open, a new one
 * closes the oldest. The JDK's {@code HttpServer} and the exporters built on it have no such limits without system
 * properties.
 */
final class HttpEndpoints implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HttpEndpoints.class);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration PAUSE = Duration.ofMillis(5);
    /** Enough for a well-behaved client; a newer connection does not close this one before. */
    private static final Duration TURN = Duration.ofMillis(500);

    private static final int MOST_OPEN = 64;
    private static final int BACKLOG = 256;

    private final InetSocketAddress address;
    private final Supplier<Optional<String>> sickness;
    private final Supplier<Optional<String>> unreadiness;
    private final Supplier<String> metrics;
    private final Deque<HttpConnection> open = new ArrayDeque<>();
    private final Thread thread;
    private volatile Optional<ServerSocket> server;
    private volatile boolean closed;
    private String said = "";

    /**
     * @param address retried while it cannot listen there
     * @param sickness why the agent has to be restarted
     * @param unreadiness what the agent waits for
     */
    HttpEndpoints(
            InetSocketAddress address,
            Supplier<Optional<String>> sickness,
            Supplier<Optional<String>> unreadiness,
            Supplier<String> metrics) {
        this.address = address;
        this.sickness = sickness;
        this.unreadiness = unreadiness;
        this.metrics = metrics;
        server = listen();
        thread = Thread.ofPlatform().daemon().name("http").start(this::serve);
    }

    /** 0 while the address cannot be listened on. */
    int port() {
        return server.map(ServerSocket::getLocalPort).orElse(0);
    }

    private Optional<ServerSocket> listen() {
        try {
            return Optional.of(new ServerSocket(address.getPort(), BACKLOG, address.getAddress()));
        } catch (IOException e) {
            String what = "cannot listen on %s yet, will retry: %s%s; or choose another --http-address"
                    .formatted(
                            address,
                            e.getMessage(),
                            PortHolder.of(address.getPort())
                                    .map(holder -> ", held by " + holder)
                                    .orElse(""));
            if (!what.equals(said)) {
                said = what;
                log.atError().log(what);
            }
            return Optional.empty();
        }
    }

    private void serve() {
        while (!closed) {
            try {
                if (server.isPresent()) {
                    accept(server.get());
                } else {
                    Thread.sleep(RETRY);
                    server = listen();
                }
            } catch (IOException e) {
                // The socket was closed, or the process has too many open files.
                log.atDebug().setCause(e).log("no connection accepted");
                rest(PAUSE);
            } catch (InterruptedException e) {
                rest(PAUSE);
            }
        }
        server.ifPresent(HttpEndpoints::closeQuietly);
    }

    private static void closeQuietly(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            log.atDebug().setCause(e).log("not closed");
        }
    }

    private void accept(ServerSocket listening) throws IOException {
        HttpConnection connection = new HttpConnection(listening.accept(), this::answer);
        makeRoom();
        synchronized (open) {
            open.add(connection);
        }
        Thread.ofVirtual().name("http-connection").start(() -> {
            try (connection) {
                connection.serve();
            } finally {
                synchronized (open) {
                    open.remove(connection);
                }
            }
        });
    }

    private void makeRoom() {
        while (true) {
            synchronized (open) {
                if (open.size() < MOST_OPEN) {
                    return;
                }
                if (open.getFirst().isOlderThan(TURN)) {
                    open.removeFirst().close();
                    return;
                }
            }
            rest(PAUSE);
        }
    }

    private static void rest(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            log.atDebug().log("woken");
        }
    }

    private HttpConnection.Answer answer(String path) {
        return switch (path) {
            case "/livez" -> health(sickness.get());
            case "/readyz" -> health(unreadiness.get());
            case "/metrics" -> new HttpConnection.Answer(200, "text/plain; version=0.0.4", metrics.get());
            default -> new HttpConnection.Answer(404, "text/plain", "not found\n");
        };
    }

    private static HttpConnection.Answer health(Optional<String> trouble) {
        return new HttpConnection.Answer(trouble.isEmpty() ? 200 : 503, "text/plain", trouble.orElse("ok") + "\n");
    }

    @Override
    public void close() {
        closed = true;
        server.ifPresent(HttpEndpoints::closeQuietly);
        thread.interrupt();
        synchronized (open) {
            open.forEach(HttpConnection::close);
        }
    }
}
