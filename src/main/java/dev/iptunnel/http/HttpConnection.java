package dev.iptunnel.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection with one HTTP/1.1 request (RFC 9112), with a limit on its size and its duration. */
final class HttpConnection implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HttpConnection.class);
    private static final int LONGEST_HEAD = 16 << 10;
    private static final int LONGEST_BODY = 64;
    /** {@code \n\r\n}. */
    private static final int LONGEST_END = 3;

    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,9}");

    private final Socket accepted;
    private final SocketLayer layer;
    private final Function<HttpRequest, HttpAnswer> answers;
    private final long since = System.nanoTime();
    /** Completed by the end of the request or by the time limit, whichever is first; then the socket is closed. */
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    /** @param limit from now on to the end of the answer */
    HttpConnection(Socket accepted, SocketLayer layer, Function<HttpRequest, HttpAnswer> answers, Duration limit) {
        this.accepted = accepted;
        this.layer = layer;
        this.answers = answers;
        CompletableFuture<Void> unused = end.completeOnTimeout(null, limit.toMillis(), TimeUnit.MILLISECONDS)
                .thenRun(this::closeSocket);
    }

    boolean isOlderThan(Duration age) {
        return System.nanoTime() - since > age.toNanos();
    }

    void serve() {
        try {
            Socket socket = layer.over(accepted);
            Received received = receive(socket.getInputStream());
            HttpAnswer answer = received.failure().orElseGet(() -> answers.apply(received.request()));
            socket.getOutputStream().write(answer.head());
            if (!received.request().method().equals("HEAD")) {
                socket.getOutputStream().write(answer.content());
            }
            socket.shutdownOutput();
        } catch (IOException e) {
            log.atDebug().setCause(e).log("a client was not answered");
        }
    }

    /** A request, and why it cannot be answered otherwise. */
    private record Received(HttpRequest request, Optional<HttpAnswer> failure) {
        static Received bad(int code, String why) {
            return new Received(new HttpRequest("", "", "", "", false), Optional.of(HttpAnswer.text(code, why)));
        }
    }

    private Received receive(InputStream in) throws IOException {
        byte[] bytes = new byte[LONGEST_HEAD];
        int length = 0;
        while (length < bytes.length) {
            int read = in.read(bytes, length, bytes.length - length);
            if (read < 0) {
                throw new IOException("the client went away");
            }
            int before = length;
            length += read;
            OptionalInt end = endOfHead(bytes, Math.max(0, before - LONGEST_END + 1), length);
            if (end.isPresent()) {
                String text = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
                return received(text.substring(0, end.getAsInt()), text.substring(end.getAsInt()), in);
            }
        }
        return Received.bad(431, "too long");
    }

    /** After an empty line: {@code \n\n} or {@code \n\r\n}. */
    private static OptionalInt endOfHead(byte[] bytes, int from, int length) {
        for (int at = from; at < length - 1; at++) {
            if (bytes[at] == '\n') {
                int next = bytes[at + 1] == '\r' ? at + 2 : at + 1;
                if (next < length && bytes[next] == '\n') {
                    return OptionalInt.of(next + 1);
                }
            }
        }
        return OptionalInt.empty();
    }

    private Received received(String head, String begun, InputStream in) throws IOException {
        Optional<RequestLine> line = HttpRequest.lines(head).findFirst().flatMap(RequestLine::parse);
        if (line.isEmpty()) {
            return Received.bad(400, "no request of HTTP/1.1");
        }
        RequestLine request = line.get();
        Optional<String> length = HttpRequest.field(head, "Content-Length");
        if (length.isEmpty()) {
            return request.method().equals("PUT")
                    ? Received.bad(411, "Content-Length is missing")
                    : received(request, head, "");
        }
        if (!LENGTH.matcher(length.get()).matches()) {
            return Received.bad(400, "Content-Length is no number");
        }
        int size = Integer.parseInt(length.get());
        if (size > LONGEST_BODY) {
            return Received.bad(413, "the body may have " + LONGEST_BODY + " bytes");
        }
        byte[] rest = in.readNBytes(Math.max(0, size - begun.length()));
        return received(request, head, begun + new String(rest, StandardCharsets.ISO_8859_1));
    }

    private Received received(RequestLine request, String head, String body) {
        return new Received(
                new HttpRequest(
                        request.method(),
                        request.path(),
                        head,
                        body,
                        accepted.getInetAddress().isLoopbackAddress()),
                Optional.empty());
    }

    private void closeSocket() {
        try {
            accepted.close();
        } catch (IOException e) {
            log.atDebug().setCause(e).log("not closed");
        }
    }

    @Override
    public void close() {
        end.complete(null);
    }
}
