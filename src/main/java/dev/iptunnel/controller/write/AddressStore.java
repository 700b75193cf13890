package dev.iptunnel.controller.write;

import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
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

    /**
     * What was read, and to be handed back to {@link #write}.
     *
     * @param owner the UID of the set that it belongs to; absent: its set was deleted and left it
     */
    public record Stored(Map<String, String> data, Optional<String> owner, String version) {
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
        return new Stored(
                Objects.requireNonNullElse(map.getData(), Map.of()),
                SetOwner.uid(map),
                map.getMetadata().getResourceVersion());
    }

    /**
     * Replaces what was read, or creates it. It belongs to this set then.
     *
     * @throws KubernetesClientException with code 409 if somebody else wrote meanwhile
     */
    public void write(IpTunnelSet set, Map<String, String> data, Optional<Stored> read) {
        String setName = set.getMetadata().getName();
        ConfigMap map = new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name(setName))
                .withNamespace(namespace)
                .addToLabels(SetNames.SET, setName)
                .withOwnerReferences(SetOwner.of(set))
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
