package dev.iptunnel.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves HTTP on one address. No client can keep others from an answer: each connection has a thread of its own and
 * limits on bytes and time, and if many are open, a new one closes the oldest. The JDK's {@code HttpServer} and the
 * exporters built on it have no such limits without system properties.
 */
public final class HttpServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HttpServer.class);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration PAUSE = Duration.ofMillis(5);
    /** Enough for a well-behaved client; a newer connection does not close this one before. */
    private static final Duration TURN = Duration.ofMillis(500);

    private static final int MOST_OPEN = 64;
    private static final int BACKLOG = 256;

    /**
     * Where and how it serves.
     *
     * @param option the option of the command line that the address is from, for messages
     * @param limit how long a connection may take, from its acceptance to the end of the answer
     */
    public record Settings(InetSocketAddress address, String option, SocketLayer layer, Duration limit) {}

    private final Settings settings;
    private final Function<HttpRequest, HttpAnswer> answers;
    private final Deque<HttpConnection> open = new ArrayDeque<>();
    private final Thread thread;
    private volatile Optional<ServerSocket> server;
    private volatile boolean closed;
    private String said = "";

    /** Begins to serve; while it cannot listen on the address, it retries. */
    public HttpServer(String name, Settings settings, Function<HttpRequest, HttpAnswer> answers) {
        this.settings = settings;
        this.answers = answers;
        server = listen();
        thread = Thread.ofPlatform().daemon().name(name).start(this::serve);
    }

    /** 0 while the address cannot be listened on. */
    public int port() {
        return server.map(ServerSocket::getLocalPort).orElse(0);
    }

    private Optional<ServerSocket> listen() {
        InetSocketAddress address = settings.address();
        try {
            return Optional.of(new ServerSocket(address.getPort(), BACKLOG, address.getAddress()));
        } catch (IOException e) {
            String what = "cannot listen on %s yet, will retry: %s%s; or choose another %s"
                    .formatted(
                            address,
                            e.getMessage(),
                            PortHolder.of(address.getPort())
                                    .map(holder -> ", held by " + holder)
                                    .orElse(""),
                            settings.option());
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
        server.ifPresent(HttpServer::closeQuietly);
    }

    private static void closeQuietly(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            log.atDebug().setCause(e).log("not closed");
        }
    }

    private void accept(ServerSocket listening) throws IOException {
        HttpConnection connection = new HttpConnection(listening.accept(), settings.layer(), answers, settings.limit());
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

    @Override
    public void close() {
        closed = true;
        server.ifPresent(HttpServer::closeQuietly);
        thread.interrupt();
        synchronized (open) {
            open.forEach(HttpConnection::close);
        }
    }
}
