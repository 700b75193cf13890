package dev.iptunnel.controller.write;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.function.Supplier;

/** Reports how each write ended. */
final class CountedWrites {
    private final WriteListener listener;

    CountedWrites(WriteListener listener) {
        this.listener = listener;
    }

    <T> T write(String resource, String verb, Supplier<T> request) {
        try {
            T answer = request.get();
            listener.wrote(resource, verb, HttpURLConnection.HTTP_OK);
            return answer;
        } catch (KubernetesClientException e) {
            listener.wrote(resource, verb, e.getCode());
            throw e;
        }
    }
}
