package dev.iptunnel.controller.liveness;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import java.util.Optional;

/** The requests of {@link AgentLiveness}. Each throws a {@code KubernetesClientException} if it fails. */
class LivenessApi {
    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager("iptunnel-controller")
            .withForce(true)
            .build();

    private final KubernetesClient client;
    private final String namespace;

    LivenessApi(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    /** The Lease as it is now; empty if there is none. */
    Optional<Lease> lease(String name) {
        return Optional.ofNullable(
                client.leases().inNamespace(namespace).withName(name).get());
    }

    /** All Leases as they are now. */
    List<Lease> leases() {
        return client.leases().inNamespace(namespace).list().getItems();
    }

    /** Replaces the conditions that the patch has, unless the object has another resourceVersion. */
    void apply(IpTunnel patch) {
        client.resource(patch).subresource("status").patch(APPLY);
    }

    /** Unless it has another resourceVersion. */
    void delete(Lease lease) {
        client.resource(lease).lockResourceVersion().delete();
    }
}
