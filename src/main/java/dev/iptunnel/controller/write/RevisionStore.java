package dev.iptunnel.controller.write;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import dev.iptunnel.set.SetNames;
import dev.iptunnel.set.revision.Revision;
import dev.iptunnel.set.revision.RevisionText;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.net.HttpURLConnection;
import java.util.List;

/** The revisions of each set's template: ControllerRevisions in the controller's namespace. */
public final class RevisionStore {
    private static final String RESOURCE = "controllerrevisions";
    private static final ResourceDefinitionContext CONTEXT = new ResourceDefinitionContext.Builder()
            .withGroup("apps")
            .withVersion("v1")
            .withKind("ControllerRevision")
            .withPlural(RESOURCE)
            .withNamespaced(true)
            .build();
    private static final ObjectMapper JSON = new ObjectMapper();

    private final KubernetesClient client;
    private final String namespace;
    private final CountedWrites writes;

    public RevisionStore(KubernetesClient client, String namespace, WriteListener listener) {
        this.client = client;
        this.namespace = namespace;
        this.writes = new CountedWrites(listener);
    }

    /** All that the set has. Those of a deleted set of the same name are not among them. */
    public List<Revision> read(String set, String uid) {
        return list(SetNames.SET_UID, uid).stream()
                .filter(stored -> stored.getMetadata().getName().startsWith(set + "-r"))
                .map(RevisionStore::revision)
                .toList();
    }

    private static Revision revision(GenericKubernetesResource stored) {
        JsonNode fields = JSON.valueToTree(stored.getAdditionalProperties());
        return new Revision(
                stored.getMetadata().getName(), fields.path("revision").asLong(), RevisionText.of(fields.path("data")));
    }

    private List<GenericKubernetesResource> list(String label, String value) {
        return client.genericKubernetesResources(CONTEXT)
                .inNamespace(namespace)
                .withLabel(label, value)
                .list()
                .getItems();
    }

    /**
     * Stores a new one. One of a deleted set of the same name may have its name: the garbage collector comes later, and not at
     * all after {@code kubectl delete --cascade=orphan}.
     */
    public void create(IpTunnelSet set, Revision revision) {
        try {
            store(set, revision);
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT || !isLeft(set, revision)) {
                throw e;
            }
            delete(revision);
            store(set, revision);
        }
    }

    private boolean isLeft(IpTunnelSet set, Revision revision) {
        return list(SetNames.SET, set.getMetadata().getName()).stream()
                .filter(stored -> stored.getMetadata().getName().equals(revision.name()))
                .anyMatch(stored -> !set.getMetadata()
                        .getUid()
                        .equals(stored.getMetadata().getLabels().get(SetNames.SET_UID)));
    }

    private void store(IpTunnelSet set, Revision revision) {
        GenericKubernetesResource stored = new GenericKubernetesResource();
        stored.setApiVersion("apps/v1");
        stored.setKind("ControllerRevision");
        stored.setMetadata(new ObjectMetaBuilder()
                .withName(revision.name())
                .withNamespace(namespace)
                .addToLabels(SetNames.SET, set.getMetadata().getName())
                .addToLabels(SetNames.SET_UID, set.getMetadata().getUid())
                .withOwnerReferences(SetOwner.of(set))
                .build());
        stored.setAdditionalProperty("data", tree(revision.text()));
        stored.setAdditionalProperty("revision", revision.number());
        writes.write(RESOURCE, "create", () -> client.resource(stored).create());
    }

    /** The template of a revision, with {@code metadata} and {@code spec}. */
    public static JsonNode tree(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a revision that is no JSON: " + text, e);
        }
    }

    /** Forgets one. */
    public void delete(Revision revision) {
        writes.write(RESOURCE, "delete", () -> client.genericKubernetesResources(CONTEXT)
                .inNamespace(namespace)
                .withName(revision.name())
                .delete());
    }
}
