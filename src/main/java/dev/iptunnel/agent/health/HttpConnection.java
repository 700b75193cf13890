package dev.iptunnel.agent.health;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection with one HTTP/1.1 request (RFC 9112), with a limit on its size and its duration. */
final class HttpConnection implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HttpConnection.class);
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final int LONGEST_HEAD = 16 << 10;
    private static final Pattern REQUEST = Pattern.compile(
            "(?<method>[A-Z]+) (?:http://[^/ ]+)?(?<path>/[^ ?#]*)[^ ]* HTTP/1\\.[01]\r?\n.*", Pattern.DOTALL);
    private static final Pattern END = Pattern.compile("\n\r?\n");

    /** The answer to a request. */
    record Answer(int code, String type, String body) {
        byte[] content() {
            return body.getBytes(StandardCharsets.UTF_8);
        }

        byte[] head(int contentLength) {
            return "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
                    .formatted(code, reason(), type, contentLength)
                    .getBytes(StandardCharsets.US_ASCII);
        }

        private String reason() {
            return switch (code) {
                case 200 -> "OK";
                case 400 -> "Bad Request";
                case 404 -> "Not Found";
                case 405 -> "Method Not Allowed";
                case 431 -> "Request Header Fields Too Large";
                default -> "Service Unavailable";
            };
        }
    }

    private final Socket socket;
    private final Function<String, Answer> answers;
    private final long since = System.nanoTime();
    /** Completed by the end of the request or by the time limit, whichever is first; then the socket is closed. */
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    HttpConnection(Socket socket, Function<String, Answer> answers) {
        this.socket = socket;
        this.answers = answers;
        CompletableFuture<Void> unused = end.completeOnTimeout(null, LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                .thenRun(this::closeSocket);
    }

    boolean isOlderThan(Duration age) {
        return System.nanoTime() - since > age.toNanos();
    }

    void serve() {
        try {
            Optional<String> head = head();
            Matcher request = REQUEST.matcher(head.orElse(""));
            String method = request.matches() ? request.group("method") : "";
            Answer answer =
                    switch (method) {
                        case "GET", "HEAD" -> answers.apply(request.group("path"));
                        case "" -> head.isEmpty() ? error(431, "too long") : error(400, "no request of HTTP/1.1");
                        default -> error(405, "GET or HEAD");
                    };
            byte[] content = answer.content();
            socket.getOutputStream().write(answer.head(content.length));
            if (!method.equals("HEAD")) {
                socket.getOutputStream().write(content);
            }
            socket.shutdownOutput();
        } catch (IOException e) {
            log.atDebug().setCause(e).log("a client was not answered");
        }
    }

    private static Answer error(int code, String text) {
        return new Answer(code, "text/plain", text + "\n");
    }

    /** The head up to the empty line; empty if it is too long. */
    private Optional<String> head() throws IOException {
        InputStream in = socket.getInputStream();
        byte[] bytes = new byte[LONGEST_HEAD];
        int length = 0;
        while (length < bytes.length) {
            int read = in.read(bytes, length, bytes.length - length);
            if (read < 0) {
                throw new IOException("the client went away");
            }
            length += read;
            String head = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
            if (END.matcher(head).find()) {
                return Optional.of(head);
            }
        }
        return Optional.empty();
    }

    private void closeSocket() {
        try {
            socket.close();
        } catch (IOException e) {
            log.atDebug().setCause(e).log("not closed");
        }
    }

    @Override
    public void close() {
        end.complete(null);
    }
}
