package dev.iptunnel.api;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.net.HttpURLConnection;
import java.util.function.UnaryOperator;

/** Edits of objects that others write at the same time. */
public final class Edits {
    private Edits() {}

    /** Retries after a conflict with another write, for example of the status. */
    public static <T> T edit(Resource<T> object, UnaryOperator<T> change) {
        while (true) {
            try {
                return object.edit(change);
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                    throw e;
                }
            }
        }
    }
}
