package dev.iptunnel.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Debian's Prometheus as a process on the test bed, with a configuration and an empty store of its own. */
final class Prometheus implements AutoCloseable {
    private final HttpClient http = HttpClient.newHttpClient();
    private final Path log;
    private final Process process;
    private final int port;

    private Prometheus(Path log, Process process, int port) {
        this.log = log;
        this.process = process;
        this.port = port;
    }

    /**
     * Starts it.
     *
     * @param folder for its store, its configuration and its log
     */
    static Prometheus start(Path folder, String configuration) {
        try {
            int port = freePort();
            Path log = folder.resolve("log");
            Process process = new ProcessBuilder(
                            "prometheus",
                            "--config.file=" + Files.writeString(folder.resolve("prometheus.yaml"), configuration),
                            "--storage.tsdb.path=" + folder.resolve("store"),
                            "--web.listen-address=127.0.0.1:" + port)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            return new Prometheus(log, process, port);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    boolean isReady() {
        if (!process.isAlive()) {
            throw new AssertionError("prometheus ended: " + read(log));
        }
        try {
            return send("/-/ready").statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** The samples of an instant query; fails if Prometheus refuses it. */
    List<Map<String, Object>> query(String expression) {
        return list(answer("/api/v1/query?query=" + URLEncoder.encode(expression, UTF_8))
                .get("result"));
    }

    /** The names of all metrics that it has ever scraped. */
    List<Object> metrics() {
        return list(answerOf("/api/v1/label/__name__/values"));
    }

    /** Each rule that it has loaded: its name and its health, such as {@code ok}. */
    List<String> rules() {
        List<Map<String, Object>> groups = list(answer("/api/v1/rules").get("groups"));
        return groups.stream()
                .flatMap(group -> Prometheus.<Map<String, Object>>list(group.get("rules")).stream())
                .map(rule -> rule.get("name") + " " + rule.get("health"))
                .toList();
    }

    private Map<String, Object> answer(String path) {
        return map(answerOf(path));
    }

    private Object answerOf(String path) {
        try {
            String body = send(path).body();
            Map<String, Object> answer = map(Serialization.unmarshal(body, Map.class));
            if (!"success".equals(answer.get("status"))) {
                throw new AssertionError(path + ": " + body);
            }
            return Objects.requireNonNull(answer.get("data"));
        } catch (IOException e) {
            throw new AssertionError(path + ": " + e + "\n" + read(log), e);
        }
    }

    private HttpResponse<String> send(String path) throws IOException {
        try {
            URI uri = URI.create("http://127.0.0.1:" + port + path);
            return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static String read(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }

    @SuppressWarnings("unchecked") // as JSON is read
    private static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    @SuppressWarnings("unchecked") // as JSON is read
    private static <T> List<T> list(@Nullable Object value) {
        return (List<T>) Objects.requireNonNull(value);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        http.close();
    }
}
