package dev.iptunnel.controller.write;

import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSetStatus;
import dev.iptunnel.apiserver.ApiServerConnection;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;

/**
 * Writes the statuses of IpTunnelSets. Each is tried once and for a few seconds only, because the other sets wait meanwhile; the
 * next pass tries again.
 */
public final class SetStatusWriter {
    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager("iptunnel-controller")
            .withForce(true)
            .build();

    private final KubernetesClient client;
    private final CountedWrites writes;

    public SetStatusWriter(KubernetesClient client, WriteListener listener) {
        this.client = ApiServerConnection.triesOnce(client);
        this.writes = new CountedWrites(listener);
    }

    /**
     * Replaces the status, unless the set is another object by now.
     *
     * @throws KubernetesClientException if the API server does not take it, or does not answer within five seconds
     */
    public void write(IpTunnelSet set, IpTunnelSetStatus status) {
        IpTunnelSet patch = new IpTunnelSet();
        patch.setMetadata(new ObjectMetaBuilder()
                .withName(set.getMetadata().getName())
                .withUid(set.getMetadata().getUid())
                .build());
        patch.setStatus(status);
        writes.write("iptunnelsets/status", "apply", () -> client.resource(patch)
                .subresource("status")
                .patch(APPLY));
    }
}
