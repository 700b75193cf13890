package dev.iptunnel.agent.cluster;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusDetails;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;

/**
 * Asks the API server, without any cache, whether an IpTunnel is gone. Only a {@code Status} with reason {@code
 * NotFound} that names the group, the resource and the object proves it. A missing CRD gives a bare 404; the client's
 * own {@code get} returns null for both, and with it every tunnel of the node would be removed when the CRD is.
 */
public final class ObjectLookup {
    private final KubernetesClient client;

    public ObjectLookup(KubernetesClient client) {
        this.client = client;
    }

    /** What is known about the existence of an object. */
    public sealed interface Presence {
        /** An object of that name exists. */
        record Present(String uid, String nodeName) implements Presence {}

        /** The API server says that no object of that name exists. */
        record Gone() implements Presence {}

        /** The API server gave no usable answer. */
        record Unknown(String detail) implements Presence {}
    }

    public Presence presence(String name) {
        String plural = HasMetadata.getPlural(IpTunnel.class);
        String group = HasMetadata.getGroup(IpTunnel.class);
        String path = "apis/" + group + "/" + HasMetadata.getVersion(IpTunnel.class) + "/" + plural + "/" + name;
        DirectRead read = DirectRead.of(client, path, "application/json");
        try {
            if (read.successful()) {
                IpTunnel tunnel = client.getKubernetesSerialization().unmarshal(read.body(), IpTunnel.class);
                return new Presence.Present(
                        tunnel.getMetadata().getUid(), tunnel.getSpec().nodeName());
            }
            return read.code() == HttpURLConnection.HTTP_NOT_FOUND && namesObject(read.body(), group, plural, name)
                    ? new Presence.Gone()
                    : new Presence.Unknown(read.toString());
        } catch (KubernetesClientException unreadable) {
            return new Presence.Unknown(String.valueOf(unreadable.getMessage()));
        }
    }

    private boolean namesObject(String body, String group, String plural, String name) {
        if (!body.startsWith("{")) {
            return false;
        }
        Status status = client.getKubernetesSerialization().unmarshal(body, Status.class);
        StatusDetails details = status.getDetails();
        return "NotFound".equals(status.getReason())
                && details != null
                && group.equals(details.getGroup())
                && plural.equals(details.getKind())
                && name.equals(details.getName());
    }
}
