package dev.iptunnel.agent.cluster;

import dev.iptunnel.kernel.Heartbeat;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.net.HttpURLConnection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The API server's answer to one read without any cache, with its body for every code.
 *
 * @param code the HTTP status code; 0 if there was no answer
 * @param body the body, or why there was no answer
 */
record DirectRead(int code, String body) {
    private static final long TIMEOUT_SECONDS = 10;

    /** @param path below the API server's address, without a leading slash */
    static DirectRead of(KubernetesClient client, String path, String accept) {
        HttpRequest request = client.getHttpClient()
                .newHttpRequestBuilder()
                .uri(client.getMasterUrl() + path)
                .header("Accept", accept)
                .timeout(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .build();
        CompletableFuture<HttpResponse<String>> answer = client.getHttpClient().sendAsync(request, String.class);
        try {
            HttpResponse<String> response = answer.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            return new DirectRead(response.code(), response.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new DirectRead(0, "interrupted");
        } catch (ExecutionException | TimeoutException | KubernetesClientException e) {
            return new DirectRead(0, String.valueOf(e.getMessage()));
        } finally {
            answer.cancel(true);
            Heartbeat.progress();
        }
    }

    boolean successful() {
        return code >= HttpURLConnection.HTTP_OK && code < HttpURLConnection.HTTP_MULT_CHOICE;
    }

    @Override
    public String toString() {
        return code == 0 ? body : "HTTP " + code + " " + body.strip();
    }
}
