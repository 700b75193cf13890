package dev.iptunnel.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HttpEndpointsTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final String LARGE = "up 1\n".repeat(100_000);

    private final AtomicReference<Optional<String>> sickness = new AtomicReference<>(Optional.empty());
    private final AtomicReference<Optional<String>> unreadiness = new AtomicReference<>(Optional.empty());
    private final AtomicReference<String> metrics = new AtomicReference<>("up 1\n");
    private final HttpEndpoints http = endpoints(ANY_PORT);
    private final List<Socket> clients = new ArrayList<>();

    private HttpEndpoints endpoints(InetSocketAddress address) {
        return new HttpEndpoints(
                address,
                sickness::get,
                this::unready,
                () -> Objects.requireNonNull(metrics.get()).getBytes(StandardCharsets.UTF_8),
                () -> "node: node1",
                new LogLevel());
    }

    private Optional<String> unready() {
        return Objects.requireNonNull(sickness.get()).or(unreadiness::get);
    }

    @AfterEach
    void close() throws IOException {
        for (Socket client : clients) {
            client.close();
        }
        http.close();
    }

    private Socket send(String text) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), http.port());
        clients.add(socket);
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    private String get(String path) throws IOException {
        return ask("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }

    private String ask(String request) throws IOException {
        try (Socket socket = send(request)) {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @CsvSource({
        ", , 200, ok, 200, ok",
        ", waiting: x, 200, ok, 503, waiting: x",
        "thread x ended, , 503, thread x ended, 503, thread x ended"
    })
    void answer_the_kubelet_with_the_state_and_the_reason(
            String isSick, String isUnready, int livez, String livezSays, int readyz, String readyzSays)
            throws Exception {
        // given
        sickness.set(Optional.ofNullable(isSick));
        unreadiness.set(Optional.ofNullable(isUnready));

        // when
        List<String> answers = List.of(get("/livez"), get("/readyz"));

        // then
        assertThat(answers.getFirst()).startsWith("HTTP/1.1 " + livez).endsWith("\r\n\r\n" + livezSays + "\n");
        assertThat(answers.getLast()).startsWith("HTTP/1.1 " + readyz).endsWith("\r\n\r\n" + readyzSays + "\n");
    }

    @Test
    void serve_metrics_as_prometheus_text() throws Exception {
        // when
        String response = get("/metrics?name[]=up");

        // then
        assertThat(response)
                .contains("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n")
                .contains("Content-Length: 5\r\n")
                .endsWith("\r\n\r\nup 1\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET / HTTP/1.1|404",
                "POST /livez HTTP/1.1|405",
                "HEAD /livez HTTP/1.0|200",
                "GET http://localhost/livez HTTP/1.1|200",
                "GET /livez|400",
                "nonsense|400"
            })
    void have_nothing_else(String request, int code) throws Exception {
        // when
        String response = ask(request + "\r\n\r\n");

        // then
        assertThat(response).startsWith("HTTP/1.1 " + code + " ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "G",
                "GET /livez HTTP/1.1\r\nHost: loc",
                "POST /livez HTTP/1.1\r\nContent-Length: 1000\r\n\r\nslow",
                "GET /metrics HTTP/1.1\r\n\r\n"
            })
    void answer_whatever_many_stalled_clients_do(String request) throws Exception {
        // given
        metrics.set(LARGE);
        for (int i = 0; i < 300; i++) {
            Socket unused = send(request);
        }

        // when
        List<String> answers = List.of(get("/livez"), get("/readyz"));

        // then
        assertThat(answers).allMatch(answer -> answer.startsWith("HTTP/1.1 200 OK"));
    }

    @Test
    void refuse_a_header_that_has_no_end() throws Exception {
        // when
        Socket endless = send("GET /livez HTTP/1.1\r\nX: " + "x".repeat(16_360));
        String answer = new String(endless.getInputStream().readNBytes(12), StandardCharsets.UTF_8);

        // then
        assertThat(answer).isEqualTo("HTTP/1.1 431");
        assertThat(get("/livez")).startsWith("HTTP/1.1 200 OK");
    }

    @Test
    void end_a_connection_that_takes_long_whatever_comes_on_it() throws Exception {
        // given
        Socket drip = send("G");

        // when
        boolean ended = false;
        for (int i = 0; i < 300 && !ended; i++) {
            Thread.sleep(Duration.ofMillis(100));
            try {
                drip.getOutputStream().write('x');
            } catch (IOException closed) {
                ended = true;
            }
        }

        // then
        assertThat(ended).isTrue();
    }

    @Test
    void are_served_as_soon_as_a_port_is_free_that_was_taken() throws Exception {
        // given
        InetSocketAddress address;
        HttpEndpoints late;
        try (ServerSocket taken = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            address = new InetSocketAddress(InetAddress.getLoopbackAddress(), taken.getLocalPort());
            late = endpoints(address);
            assertThat(late.port()).isZero();
        }

        // when
        while (late.port() == 0) {
            Thread.sleep(Duration.ofMillis(20));
        }

        // then
        assertThat(late.port()).isEqualTo(address.getPort());
        late.close();
    }

    private String put(String path, String body) throws IOException {
        return ask("PUT %s HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s".formatted(path, body.length(), body));
    }

    @Test
    void show_the_status_to_a_person_on_this_machine() throws Exception {
        assertThat(get("/statusz")).startsWith("HTTP/1.1 200 OK").endsWith("\r\n\r\nnode: node1\n");
    }

    @Test
    void change_the_log_level_while_the_agent_runs() throws Exception {
        // given
        String before = get("/loglevel");

        try {
            // when
            String answer = put("/loglevel", "debug\n");

            // then
            assertThat(before).endsWith("\r\n\r\n" + body(before));
            assertThat(answer).startsWith("HTTP/1.1 200").endsWith("\r\n\r\ndebug\n");
            assertThat(get("/loglevel")).endsWith("\r\n\r\ndebug\n");
            assertThat(LoggerFactory.getLogger("any").isDebugEnabled()).isTrue();
        } finally {
            put("/loglevel", body(before));
        }
        assertThat(get("/loglevel")).isEqualTo(before);
    }

    private static String body(String answer) {
        return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/loglevel|verbose|400|write one of: trace, debug, info, warn, error, off",
                "/loglevel||400|write one of: trace, debug, info, warn, error, off",
                "/loglevel|xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx|413|the body may have 64 bytes",
                "/livez|debug|405|GET or HEAD; PUT of /loglevel"
            })
    void refuse_another_level_and_say_which_there_are(String path, String body, int code, String says)
            throws Exception {
        // when
        String answer = put(path, Objects.requireNonNullElse(body, ""));

        // then
        assertThat(answer).startsWith("HTTP/1.1 " + code + " ").endsWith("\r\n\r\n" + says + "\n");
    }

    @Test
    void ask_for_the_length_of_a_body() throws Exception {
        assertThat(ask("PUT /loglevel HTTP/1.1\r\n\r\ndebug")).startsWith("HTTP/1.1 411 ");
    }
}
