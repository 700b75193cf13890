package dev.iptunnel.agent.cluster;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Instant;

/**
 * Asks the API server whether it still has the CRD of an IpTunnel. If somebody removes the CRD, all its objects go: the
 * watch reports each as deleted, and a read answers that each does not exist, as if somebody had deleted it.
 */
public final class DefinitionLookup {
    private static final String PATH = "apis/apiextensions.k8s.io/v1/customresourcedefinitions/";
    private static final String METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

    private final KubernetesClient client;

    public DefinitionLookup(KubernetesClient client) {
        this.client = client;
    }

    /** What is known about the CRD. */
    public enum Definition {
        SERVED,
        /** It does not exist, it is being removed, or it is newer than the object. */
        REMOVED,
        UNKNOWN
    }

    /**
     * The API server's answer.
     *
     * @param definition for an object of any age
     * @param created when the CRD was created
     */
    public record Reading(Definition definition, Instant created) {
        private static final Reading UNKNOWN = new Reading(Definition.UNKNOWN, Instant.MIN);
        private static final Reading REMOVED = new Reading(Definition.REMOVED, Instant.MIN);

        /** For an object of this age: if it is older than the CRD, it went with an earlier CRD. */
        public Definition of(Instant objectCreated) {
            return definition == Definition.SERVED && objectCreated.isBefore(created) ? Definition.REMOVED : definition;
        }
    }

    public Reading read() {
        String name = HasMetadata.getFullResourceName(IpTunnel.class);
        DirectRead read = DirectRead.of(client, PATH + name, METADATA);
        if (read.code() == HttpURLConnection.HTTP_NOT_FOUND) {
            return Reading.REMOVED;
        }
        if (!read.successful()) {
            return Reading.UNKNOWN;
        }
        try {
            ObjectMeta definition = client.getKubernetesSerialization()
                    .unmarshal(read.body(), GenericKubernetesResource.class)
                    .getMetadata();
            return new Reading(
                    definition.getDeletionTimestamp() == null ? Definition.SERVED : Definition.REMOVED,
                    Instant.parse(definition.getCreationTimestamp()));
        } catch (KubernetesClientException unreadable) {
            return Reading.UNKNOWN;
        }
    }
}
