package dev.iptunnel.controller.write;

import dev.iptunnel.set.SetNames;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The inner addresses of each set, in a ConfigMap of the controller's namespace. It is written only over the version that was
 * read: two controllers cannot give one address to two nodes.
 */
public final class AddressStore {
    private static final String RESOURCE = "configmaps";

    private final KubernetesClient client;
    private final String namespace;
    private final CountedWrites writes;

    /** What was read, and to be handed back to {@link #write}. */
    public record Stored(Map<String, String> data, String setUid, String version) {
        public Stored {
            data = Map.copyOf(data);
        }
    }

    public AddressStore(KubernetesClient client, String namespace, WriteListener listener) {
        this.client = client;
        this.namespace = namespace;
        this.writes = new CountedWrites(listener);
    }

    private static String name(String set) {
        return "iptunnelset-" + set + "-addresses";
    }

    /** Empty if there is none. */
    public Optional<Stored> read(String set) {
        return Optional.ofNullable(client.configMaps()
                        .inNamespace(namespace)
                        .withName(name(set))
                        .get())
                .map(AddressStore::stored);
    }

    private static Stored stored(ConfigMap map) {
        Map<String, String> labels =
                Objects.requireNonNullElse(map.getMetadata().getLabels(), Map.of());
        return new Stored(
                Objects.requireNonNullElse(map.getData(), Map.of()),
                labels.getOrDefault(SetNames.SET_UID, ""),
                map.getMetadata().getResourceVersion());
    }

    /**
     * Replaces what was read, or creates it.
     *
     * @throws KubernetesClientException with code 409 if somebody else wrote meanwhile
     */
    public void write(String set, String uid, Map<String, String> data, Optional<Stored> read) {
        ConfigMap map = new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name(set))
                .withNamespace(namespace)
                .addToLabels(SetNames.SET, set)
                .addToLabels(SetNames.SET_UID, uid)
                .withResourceVersion(read.map(Stored::version).orElse(null))
                .endMetadata()
                .withData(data)
                .build();
        var resource = client.configMaps().inNamespace(namespace).resource(map);
        if (read.isEmpty()) {
            writes.write(RESOURCE, "create", resource::create);
        } else {
            writes.write(
                    RESOURCE, "update", () -> resource.lockResourceVersion().update());
        }
    }
}
