package dev.iptunnel.apiserver;

import java.io.IOException;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pings the peer of a WebSocket. If nothing has arrived since the last ping, the connection is dead: it is aborted, and
 * the listener receives an error. Any message counts as an answer. A dead connection is detected within two intervals.
 */
final class PingedListener implements WebSocket.Listener {
    private static final Logger log = LoggerFactory.getLogger(PingedListener.class);
    private static final Duration INTERVAL = Duration.ofSeconds(15);

    private final WebSocket.Listener listener;
    private final Duration interval;
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile boolean heard = true;

    PingedListener(WebSocket.Listener listener) {
        this(listener, INTERVAL);
    }

    /** Pings the peer once in each interval. */
    PingedListener(WebSocket.Listener listener, Duration interval) {
        this.listener = listener;
        this.interval = interval;
    }

    @Override
    public void onOpen(WebSocket socket) {
        later(socket);
        listener.onOpen(socket);
    }

    /** In a thread of its own: a task that blocks a shared pool must not delay the pings. */
    private void later(WebSocket socket) {
        CompletableFuture.delayedExecutor(interval.toMillis(), TimeUnit.MILLISECONDS, Thread::startVirtualThread)
                .execute(() -> ping(socket));
    }

    private void ping(WebSocket socket) {
        if (ended.get()) {
            return;
        }
        if (!heard) {
            log.atWarn()
                    .log(
                            "the API server did not answer a ping of the watch within {}; the watch is opened again",
                            interval);
            end(socket, new IOException("no answer to a ping within " + interval));
            return;
        }
        heard = false;
        later(socket);
        // If it cannot be sent, no answer arrives either.
        CompletableFuture<WebSocket> unused = socket.sendPing(ByteBuffer.allocate(0));
    }

    private void end(WebSocket socket, Throwable failure) {
        if (ended.compareAndSet(false, true)) {
            socket.abort();
            listener.onError(socket, failure);
        }
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        heard = true;
        return listener.onText(socket, data, last);
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
        heard = true;
        return listener.onBinary(socket, data, last);
    }

    @Override
    public @Nullable CompletionStage<?> onPing(WebSocket socket, ByteBuffer message) {
        heard = true;
        return listener.onPing(socket, message);
    }

    @Override
    public @Nullable CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
        heard = true;
        return listener.onPong(socket, message);
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int statusCode, String reason) {
        return ended.compareAndSet(false, true) ? listener.onClose(socket, statusCode, reason) : null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
        if (ended.compareAndSet(false, true)) {
            listener.onError(socket, error);
        }
    }
}
