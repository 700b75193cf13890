package dev.iptunnel.api;

import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;

/** Leases as agents write them. */
final class AgentLeases {
    private AgentLeases() {}

    static Lease of(String node, ServiceAccount account) {
        return new LeaseBuilder()
                .withNewMetadata()
                .withName("agent." + node)
                .withNamespace(account.getMetadata().getNamespace())
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(node)
                .endSpec()
                .build();
    }
}
