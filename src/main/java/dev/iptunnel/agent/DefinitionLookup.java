package dev.iptunnel.agent;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Instant;

/**
 * Asks the API server whether it still has the CRD that an IpTunnel was of. Who removes a CRD removes all its objects, and
 * each is told as deleted, and denied by its name, as if somebody had deleted it.
 */
final class DefinitionLookup {
    private static final String PATH = "apis/apiextensions.k8s.io/v1/customresourcedefinitions/";
    private static final String METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

    private final KubernetesClient client;

    DefinitionLookup(KubernetesClient client) {
        this.client = client;
    }

    /** What is known of the CRD. */
    enum Definition {
        SERVED,
        /** It is not there, it is being removed, or it was put back since. */
        REMOVED,
        UNKNOWN
    }

    /** Of any object. */
    Definition now() {
        return of(Instant.MAX);
    }

    /** Of the object that was made then: what is older than the CRD went with an earlier one. */
    Definition of(Instant created) {
        String name = HasMetadata.getFullResourceName(IpTunnel.class);
        DirectRead read = DirectRead.of(client, PATH + name, METADATA);
        if (read.code() == HttpURLConnection.HTTP_NOT_FOUND) {
            return Definition.REMOVED;
        }
        if (!read.successful()) {
            return Definition.UNKNOWN;
        }
        try {
            ObjectMeta definition = client.getKubernetesSerialization()
                    .unmarshal(read.body(), GenericKubernetesResource.class)
                    .getMetadata();
            return definition.getDeletionTimestamp() != null
                            || created.isBefore(Instant.parse(definition.getCreationTimestamp()))
                    ? Definition.REMOVED
                    : Definition.SERVED;
        } catch (KubernetesClientException unreadable) {
            return Definition.UNKNOWN;
        }
    }
}
