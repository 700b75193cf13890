package dev.iptunnel.controller.liveness;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import java.util.Optional;

/** {@link LivenessApi} by a client. */
final class LivenessRequests implements LivenessApi {
    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager("iptunnel-controller")
            .withForce(true)
            .build();

    private final KubernetesClient client;
    private final String namespace;

    LivenessRequests(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    @Override
    public Optional<Lease> lease(String name) {
        return Optional.ofNullable(
                client.leases().inNamespace(namespace).withName(name).get());
    }

    @Override
    public List<Lease> allLeases() {
        return client.leases().inNamespace(namespace).list().getItems();
    }

    @Override
    public void apply(IpTunnel patch) {
        client.resource(patch).subresource("status").patch(APPLY);
    }

    @Override
    public void delete(Lease lease) {
        client.resource(lease).lockResourceVersion().delete();
    }
}
