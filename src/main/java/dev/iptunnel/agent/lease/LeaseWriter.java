package dev.iptunnel.agent.lease;

import dev.iptunnel.liveness.LeaseName;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Writes the Lease of one node's agent by one request, without a read. */
final class LeaseWriter {
    /** As kubelets write theirs. */
    private static final int DURATION_SECONDS = 60;

    private static final DateTimeFormatter MICROSECONDS = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final KubernetesClient client;
    private final String namespace;
    private final String node;

    LeaseWriter(KubernetesClient client, String namespace, String node) {
        this.client = client;
        this.namespace = namespace;
        this.node = node;
    }

    /**
     * Renews the Lease, and creates it if there is none. All its fields are written, so what somebody changed is put
     * right.
     *
     * @throws KubernetesClientException if the API server does not take it
     */
    void write(Instant renewTime) {
        String patch = "{\"spec\":{\"holderIdentity\":\"%s\",\"leaseDurationSeconds\":%d,\"renewTime\":\"%s\"}}"
                .formatted(node, DURATION_SECONDS, MICROSECONDS.format(renewTime));
        try {
            client.resource(named()).patch(PatchContext.of(PatchType.JSON_MERGE), patch);
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
            client.resource(new LeaseBuilder(named())
                            .withNewSpec()
                            .withHolderIdentity(node)
                            .withLeaseDurationSeconds(DURATION_SECONDS)
                            .withRenewTime(renewTime.atZone(ZoneOffset.UTC))
                            .endSpec()
                            .build())
                    .create();
        }
    }

    /** With this the client patches without a read, and the agent may not read Leases. */
    private Lease named() {
        return new LeaseBuilder()
                .withNewMetadata()
                .withName(LeaseName.of(node))
                .withNamespace(namespace)
                .endMetadata()
                .build();
    }
}
