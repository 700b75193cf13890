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
 * Asks the API server whether it still has the CRD that an IpTunnel was of. Who removes a CRD removes all its objects, and
 * each is told as deleted, and denied by its name, as if somebody had deleted it.
 */
public final class DefinitionLookup {
    private static final String PATH = "apis/apiextensions.k8s.io/v1/customresourcedefinitions/";
    private static final String METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

    private final KubernetesClient client;

    public DefinitionLookup(KubernetesClient client) {
        this.client = client;
    }

    /** What is known of the CRD. */
    public enum Definition {
        SERVED,
        /** It is not there, it is being removed, or it was put back since. */
        REMOVED,
        UNKNOWN
    }

    /**
     * What the API server answered.
     *
     * @param definition of any object
     * @param created when the CRD was made
     */
    public record Reading(Definition definition, Instant created) {
        private static final Reading UNKNOWN = new Reading(Definition.UNKNOWN, Instant.MIN);
        private static final Reading REMOVED = new Reading(Definition.REMOVED, Instant.MIN);

        /** Of the object that was made then: what is older than the CRD went with an earlier one. */
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
