package dev.iptunnel.apiserver;

import java.net.URI;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Tells the contact of everything that arrives on a watch, and passes it on. */
record ContactListener(WebSocket.Listener listener, ApiServerContact contact, URI watch) implements WebSocket.Listener {
    @Override
    public void onOpen(WebSocket socket) {
        contact.opened(watch);
        listener.onOpen(socket);
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        contact.heard(watch);
        return listener.onText(socket, data, last);
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
        contact.heard(watch);
        return listener.onBinary(socket, data, last);
    }

    @Override
    public @Nullable CompletionStage<?> onPing(WebSocket socket, ByteBuffer message) {
        contact.heard(watch);
        return listener.onPing(socket, message);
    }

    @Override
    public @Nullable CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
        contact.heard(watch);
        return listener.onPong(socket, message);
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int statusCode, String reason) {
        contact.ended(watch);
        return listener.onClose(socket, statusCode, reason);
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
        contact.ended(watch);
        listener.onError(socket, error);
    }
}
