package dev.iptunnel.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpEndpointsTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final AtomicBoolean live = new AtomicBoolean(true);
    private final AtomicBoolean ready = new AtomicBoolean(true);
    private final HttpEndpoints http = new HttpEndpoints(ANY_PORT, live::get, ready::get, () -> "up 1\n");

    @AfterEach
    void close() {
        http.close();
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + http.port() + path);
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    @ParameterizedTest
    @CsvSource({"true, true, 200, 200", "true, false, 200, 503", "false, false, 503, 503"})
    void tell_the_kubelet_how_it_is(boolean isLive, boolean isReady, int livez, int readyz) throws Exception {
        // given
        live.set(isLive);
        ready.set(isReady);

        // when
        int[] codes = {get("/livez").statusCode(), get("/readyz").statusCode()};

        // then
        assertThat(codes).containsExactly(livez, readyz);
    }

    @Test
    void serve_metrics_as_prometheus_text() throws Exception {
        // when
        HttpResponse<String> response = get("/metrics");

        // then
        assertThat(response.body()).isEqualTo("up 1\n");
        assertThat(response.headers().firstValue("Content-Type")).contains("text/plain; version=0.0.4");
    }

    @Test
    void have_nothing_else() throws Exception {
        // when
        HttpResponse<String> response = get("/");

        // then
        assertThat(response.statusCode()).isEqualTo(404);
    }

    @Test
    void refuse_the_start_on_a_port_that_is_taken() {
        // given
        InetSocketAddress taken = new InetSocketAddress(InetAddress.getLoopbackAddress(), http.port());

        // when
        var refused = assertThatThrownBy(() -> new HttpEndpoints(taken, live::get, ready::get, () -> ""));

        // then
        refused.isInstanceOf(StartRefusedException.class).hasMessageContaining("--http-address");
    }
}
