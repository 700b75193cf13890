package dev.iptunnel.controller.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSetStatus;
import dev.iptunnel.apiserver.ApiServerConnection;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Statuses that the API server does not take: the other sets must not wait for long. */
class SetStatusWriterTest {
    private static final IpTunnelSetStatus STATUS =
            new IpTunnelSetStatus(1L, null, null, null, null, null, null, null, null, null, null);

    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger counted = new AtomicInteger();
    private final CountDownLatch end = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;
    private final KubernetesClient client;
    private volatile boolean answers = true;

    SetStatusWriterTest() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                .withRequestRetryBackoffLimit(2)
                .build();
        client = ApiServerConnection.open(config);
    }

    @BeforeEach
    void start() {
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        end.countDown();
        client.close();
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        requests.incrementAndGet();
        try (exchange) {
            if (!answers) {
                end.await();
            }
            exchange.sendResponseHeaders(HttpURLConnection.HTTP_INTERNAL_ERROR, -1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write() {
        IpTunnelSet set = new IpTunnelSet();
        set.setMetadata(
                new ObjectMetaBuilder().withName("backbone").withUid("uid").build());
        new SetStatusWriter(client, (_, _, _) -> counted.incrementAndGet()).write(set, STATUS);
    }

    @Test
    void a_status_that_is_refused_is_not_tried_again_by_the_client() {
        assertThatThrownBy(this::write)
                .isInstanceOfSatisfying(KubernetesClientException.class, failure -> assertThat(failure.getCode())
                        .isEqualTo(HttpURLConnection.HTTP_INTERNAL_ERROR));

        assertThat(requests).hasValue(1);
        assertThat(counted).hasValue(1);
    }

    @Test
    void a_status_that_is_not_answered_is_given_up_after_five_seconds() {
        answers = false;
        long begin = System.nanoTime();

        assertThatThrownBy(this::write).isInstanceOf(KubernetesClientException.class);

        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(9));
        assertThat(requests).hasValue(1);
    }
}
