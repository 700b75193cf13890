package dev.iptunnel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs the program in a process of its own: the test sees what a user sees. */
class AgentCommandTest {
    private record Ended(int code, List<String> lines) {}

    private static Ended run(String... arguments) throws IOException, InterruptedException {
        return run(Map.of(), arguments);
    }

    private static Ended run(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        ProcessBuilder process = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.iptunnel.cli.Main");
        process.command().addAll(List.of(arguments));
        process.environment().remove("NODE_NAME");
        process.environment().putAll(environment);
        Process started = process.redirectErrorStream(true).start();
        try (BufferedReader reader = started.inputReader()) {
            List<String> lines = reader.lines().toList();
            return new Ended(started.waitFor(), lines);
        }
    }

    @Test
    void without_a_node_name_is_refused_in_one_clear_line() throws Exception {
        // when
        Ended ended = run("agent");

        // then
        assertThat(ended.code()).isNotZero();
        assertThat(ended.lines())
                .singleElement()
                .asString()
                .contains("the agent does not know its node's name: set NODE_NAME or --node-name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.96.0.0", "10.96.0.0/33", "kubernetes/12", "10.96.0.0/12;10.244.0.0/16"})
    void with_an_invalid_protected_network_is_refused_in_one_clear_line(String network) throws Exception {
        // when
        Ended ended = run("agent", "--node-name", "node1", "--protected-networks", network);

        // then
        assertThat(ended.code()).isNotZero();
        assertThat(ended.lines())
                .singleElement()
                .asString()
                .contains("write networks, separated by commas, such as 10.96.0.0/12");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"--metrics-per-tunnel|some|write full, basic or none", "--metrics-address|9812|write ADDRESS:PORT"
            })
    void with_an_invalid_option_for_metrics_is_refused_in_one_clear_line(String option, String value, String says)
            throws Exception {
        // when
        Ended ended = run("agent", "--node-name", "node1", option, value);

        // then
        assertThat(ended.code()).isNotZero();
        assertThat(ended.lines()).singleElement().asString().contains(says);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "301", "86400"})
    void with_an_invalid_time_for_a_confirmation_is_refused_in_one_clear_line(String seconds) throws Exception {
        // when
        Ended ended = run("agent", "--node-name", "node1", "--confirm-seconds", seconds);

        // then
        assertThat(ended.code()).isNotZero();
        assertThat(ended.lines())
                .singleElement()
                .asString()
                .contains("--confirm-seconds \"" + seconds + "\": write 0 to 300");
    }

    @Test
    void with_an_unknown_log_format_is_refused_in_one_clear_line() throws Exception {
        // when
        Ended ended = run(Map.of("LOG_FORMAT", "xml"), "agent", "--node-name", "node1");

        // then
        assertThat(ended.code()).isNotZero();
        assertThat(ended.lines()).containsExactly("not started: LOG_FORMAT \"xml\": write json or text");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9811", "localhost", ":9811"})
    void with_an_invalid_http_address_is_refused_in_one_clear_line(String address) throws Exception {
        // when
        Ended ended = run("agent", "--node-name", "node1", "--http-address", address);

        // then
        assertThat(ended.code()).isNotZero();
        assertThat(ended.lines()).singleElement().asString().contains("write ADDRESS:PORT");
    }

    @Test
    @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void waits_for_the_API_servers_name_and_says_so() throws Exception {
        // given
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.iptunnel.cli.Main",
                        "agent",
                        "--node-name",
                        "node1",
                        "--http-address",
                        "127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().clear();
        builder.environment()
                .putAll(Map.of("KUBERNETES_SERVICE_HOST", "absent.invalid", "KUBERNETES_SERVICE_PORT", "443"));
        Process agent = builder.start();
        try {
            // when
            String readyz = "";
            while (agent.isAlive() && !readyz.contains("absent.invalid")) {
                Thread.sleep(Duration.ofMillis(100));
                readyz = get(port, "/readyz");
            }

            // then
            assertThat(agent.isAlive()).isTrue();
            assertThat(readyz).startsWith("503 waiting: the API server's host \"absent.invalid\" has no address");
            assertThat(get(port, "/livez")).isEqualTo("200 ok\n");
        } finally {
            agent.destroyForcibly();
        }
    }

    private static String get(int port, String path) throws InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + port + path);
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> answer =
                    http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() + " " + answer.body();
        } catch (IOException notYet) {
            return "";
        }
    }
}
