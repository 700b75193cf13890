package dev.iptunnel.apiserver;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpTimeoutException;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ApiServerConnectionTest {
    private final Path folder;

    ApiServerConnectionTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private static KubernetesMockServer server() {
        KubernetesMockServer server = new KubernetesMockServer(true);
        server.init(InetAddress.getLoopbackAddress(), 0);
        server.expect()
                .get()
                .withPath("/api/v1/namespaces/kube-system")
                .andReturn(
                        200,
                        new NamespaceBuilder()
                                .withNewMetadata()
                                .withName("kube-system")
                                .endMetadata()
                                .build())
                .always();
        return server;
    }

    private Config config(KubernetesMockServer server, Path ca) {
        Config config = Config.empty();
        config.setMasterUrl("https://localhost:" + server.getPort());
        config.setCaCertFile(ca.toString());
        return new ConfigBuilder(config).withRequestRetryBackoffLimit(0).build();
    }

    @Test
    void a_CA_file_that_changes_is_read_again_by_the_same_client() throws Exception {
        // given
        KubernetesMockServer server = server();
        KubernetesMockServer other = server();
        Path ca = folder.resolve("ca.crt");
        byte[] theirs =
                Files.readAllBytes(Path.of(other.getSelfSignedCertificate().certificatePath()));
        byte[] ours =
                Files.readAllBytes(Path.of(server.getSelfSignedCertificate().certificatePath()));
        Files.write(ca, theirs);
        try (KubernetesClient client = ApiServerConnection.open(config(server, ca))) {
            assertThatThrownBy(() -> client.namespaces().withName("kube-system").get())
                    .isInstanceOf(KubernetesClientException.class)
                    .hasRootCauseInstanceOf(java.security.GeneralSecurityException.class);

            // when
            Files.write(ca, ours);

            // then
            assertThat(client.namespaces().withName("kube-system").get()).isNotNull();
        } finally {
            server.destroy();
            other.destroy();
        }
    }

    @Test
    void while_the_CA_file_is_being_written_the_earlier_certificates_are_trusted() throws Exception {
        // given
        KubernetesMockServer server = server();
        Path ca = folder.resolve("ca.crt");
        Files.copy(Path.of(server.getSelfSignedCertificate().certificatePath()), ca);
        try (KubernetesClient client = ApiServerConnection.open(config(server, ca))) {
            for (String half : List.of("-----BEGIN CERTIFICATE-----\nMIIC", "")) {
                Files.writeString(ca, half);

                // then
                assertThat(client.namespaces().withName("kube-system").get()).isNotNull();
            }
        } finally {
            server.destroy();
        }
    }

    /** Fabric8 has a limit of its own for requests that a thread waits for, and none for the lists of informers. */
    @Test
    void an_answer_that_stops_in_the_middle_ends_with_an_error() throws Exception {
        // given
        String head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"kind\":";
        try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            // Not in the common pool, in which Fabric8 completes an answer.
            Thread.startVirtualThread(() -> answer(listener, head));
            Config config = new ConfigBuilder(Config.empty())
                    .withMasterUrl("http://127.0.0.1:" + listener.getLocalPort())
                    .withRequestRetryBackoffLimit(0)
                    .build();
            try (KubernetesClient client = ApiServerConnection.open(config, _ -> {}, Duration.ofSeconds(1))) {
                var http = client.getHttpClient();
                var request =
                        http.newHttpRequestBuilder().uri(config.getMasterUrl()).build();

                // when
                var answer = http.sendAsync(request, String.class);

                // then
                assertThat(answer)
                        .failsWithin(60, TimeUnit.SECONDS)
                        .withThrowableOfType(ExecutionException.class)
                        .withRootCauseInstanceOf(HttpTimeoutException.class)
                        .withMessageContaining("the answer did not end within");
            }
        }
    }

    @Test
    void a_request_is_tried_again_when_the_API_server_says_so_and_not_before() throws Exception {
        // given
        List<Long> requests = new CopyOnWriteArrayList<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            requests.add(System.nanoTime());
            exchange.getResponseHeaders().set("Retry-After", "2");
            exchange.sendResponseHeaders(429, -1);
            exchange.close();
        });
        server.start();
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                .withRequestRetryBackoffLimit(1)
                .build();
        try (KubernetesClient client = ApiServerConnection.open(config)) {
            // when
            assertThatThrownBy(() -> client.namespaces().withName("kube-system").get())
                    .isInstanceOf(KubernetesClientException.class)
                    .hasMessageContaining("Too Many Requests");
        } finally {
            server.stop(0);
        }

        // then
        assertThat(requests).hasSize(2);
        assertThat(requests.getLast() - requests.getFirst()).isGreaterThan(TimeUnit.SECONDS.toNanos(2));
    }

    private static void answer(ServerSocket listener, String text) {
        try {
            Socket socket = listener.accept();
            int unused = socket.getInputStream().read();
            socket.getOutputStream().write(text.getBytes(UTF_8));
            Thread.sleep(Duration.ofMinutes(1));
        } catch (IOException | InterruptedException e) {
            return;
        }
    }

    @Test
    void a_WebSocket_whose_peer_answers_no_ping_ends_with_an_error() throws Exception {
        // given
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        PingedListener listener = new PingedListener(
                new WebSocket.Listener() {
                    @Override
                    public void onError(WebSocket socket, Throwable error) {
                        failure.complete(error);
                    }
                },
                Duration.ofMillis(500));
        SilentSocket socket = new SilentSocket();

        // when
        listener.onOpen(socket);

        // then
        assertThat(failure.get(60, TimeUnit.SECONDS)).hasMessageContaining("no answer to a ping");
        assertThat(socket.aborted).isTrue();
    }

    /** Accepts everything and receives nothing. */
    private static final class SilentSocket implements WebSocket {
        private volatile boolean aborted;

        @Override
        public CompletableFuture<WebSocket> sendText(CharSequence data, boolean last) {
            return CompletableFuture.completedFuture(this);
        }

        @Override
        public CompletableFuture<WebSocket> sendBinary(ByteBuffer data, boolean last) {
            return CompletableFuture.completedFuture(this);
        }

        @Override
        public CompletableFuture<WebSocket> sendPing(ByteBuffer message) {
            return CompletableFuture.completedFuture(this);
        }

        @Override
        public CompletableFuture<WebSocket> sendPong(ByteBuffer message) {
            return CompletableFuture.completedFuture(this);
        }

        @Override
        public CompletableFuture<WebSocket> sendClose(int statusCode, String reason) {
            return CompletableFuture.completedFuture(this);
        }

        @Override
        public void request(long count) {
            // Nothing is received.
        }

        @Override
        public String getSubprotocol() {
            return "";
        }

        @Override
        public boolean isOutputClosed() {
            return aborted;
        }

        @Override
        public boolean isInputClosed() {
            return aborted;
        }

        @Override
        public void abort() {
            aborted = true;
        }
    }
}
