package dev.iptunnel.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Requests that cost much more than others if their text is searched again and again. */
class HostileRequestTest {
    private static final int LONG = 16_200;
    private static final int REQUESTS = 200;
    /** Linear work takes a fraction of it, quadratic work minutes. */
    private static final Duration GENEROUS = Duration.ofSeconds(20);

    static final List<String> BAD = List.of(
            "GET /" + "a".repeat(LONG),
            "GET /" + "a".repeat(LONG) + " HTTP/1.2",
            "GET /" + "?#".repeat(LONG / 2),
            "GET http://" + "a".repeat(LONG),
            "GET /" + " HTTP/1.1".repeat(LONG / 9),
            "GET" + " ".repeat(LONG),
            "A".repeat(LONG),
            "GET /" + "\r".repeat(LONG),
            "GET /livez HTTP/1.1\r\nContent-Length:a" + " ".repeat(LONG) + "b",
            "GET /livez HTTP/1.1\r\nContent-Length:a" + "\t ".repeat(LONG / 2) + "b",
            "GET /livez HTTP/1.1\r\nContent-Length:" + " ".repeat(LONG) + "b",
            "GET /livez HTTP/1.1" + "\r\nX:".repeat(LONG / 4) + "\r\nContent-Length: x");

    @ParameterizedTest
    @FieldSource("BAD")
    void are_answered_with_400_in_linear_time(String head) {
        byte[] request = (head + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);

        try (HttpServer server = server(SocketLayer.NONE)) {
            assertTimeoutPreemptively(GENEROUS, () -> {
                for (int i = 0; i < REQUESTS; i++) {
                    assertThat(answer(server, request)).startsWith("HTTP/1.1 400 ");
                }
            });
        }
    }

    @Test
    void a_head_that_comes_byte_by_byte_is_not_searched_again_for_each_byte() {
        byte[] request = ("GET /livez HTTP/1.1\r\nX: " + "x\n".repeat(LONG / 2 - 20) + "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);

        try (HttpServer server = server(ByteByByte::new)) {
            assertTimeoutPreemptively(GENEROUS, () -> {
                for (int i = 0; i < REQUESTS; i++) {
                    assertThat(answer(server, request)).startsWith("HTTP/1.1 200 ");
                }
            });
        }
    }

    @Test
    void a_token_among_blanks_is_found_in_linear_time() {
        String head = "GET /metrics HTTP/1.1\r\nAuthorization: a" + " ".repeat(LONG) + "b\r\n\r\n";
        HttpRequest request = new HttpRequest("GET", "/metrics", head, "", true);

        assertTimeoutPreemptively(GENEROUS, () -> {
            for (int i = 0; i < REQUESTS; i++) {
                assertThat(request.field("authorization"))
                        .hasValueSatisfying(value -> assertThat(value).endsWith(" b"));
            }
        });
    }

    private static HttpServer server(SocketLayer layer) {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return new HttpServer(
                "http",
                new HttpServer.Settings(anyPort, "--http-address", layer, Duration.ofMinutes(1)),
                _ -> HttpAnswer.text(200, "ok"));
    }

    private static String answer(HttpServer server, byte[] request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.getOutputStream().write(request);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    /** A socket that reads one byte at a time. */
    private static final class ByteByByte extends Socket {
        private final Socket socket;

        ByteByByte(Socket socket) {
            this.socket = socket;
        }

        @Override
        public InputStream getInputStream() throws IOException {
            return new FilterInputStream(socket.getInputStream()) {
                @Override
                public int read(byte[] bytes, int from, int length) throws IOException {
                    return super.read(bytes, from, Math.min(1, length));
                }
            };
        }

        @Override
        public OutputStream getOutputStream() throws IOException {
            return socket.getOutputStream();
        }

        @Override
        public void shutdownOutput() throws IOException {
            socket.shutdownOutput();
        }
    }
}
