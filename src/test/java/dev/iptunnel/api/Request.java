package dev.iptunnel.api;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import java.util.concurrent.ExecutionException;

/** A request to the API server that no client library would send. */
record Request(String method, String path, String contentType, String body) {
    static final String JSON = "application/json";
    static final String MERGE = "application/merge-patch+json";
    static final String APPLY = "application/apply-patch+yaml";

    /** A patch is a merge patch. */
    static Request of(String method, String path, String body) {
        return new Request(method, path, method.equals("PATCH") ? MERGE : JSON, body);
    }

    /** Code and body of the answer, separated by a space. */
    String sentBy(KubernetesClient client) {
        var uri = client.getMasterUrl().toString() + path.substring(1);
        var request = client.getHttpClient().newHttpRequestBuilder().uri(uri);
        if (method.equals("GET")) {
            return answer(client, request.build());
        }
        return answer(client, request.method(method, contentType, body).build());
    }

    private static String answer(KubernetesClient client, HttpRequest request) {
        try {
            var answer = client.getHttpClient().sendAsync(request, String.class).get();
            return answer.code() + " " + answer.body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        } catch (ExecutionException e) {
            throw new AssertionError(e);
        }
    }
}
