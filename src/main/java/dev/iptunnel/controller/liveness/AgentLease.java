package dev.iptunnel.controller.liveness;

import dev.iptunnel.liveness.LeaseName;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.util.Optional;

/**
 * A Lease that an agent renews.
 *
 * @param node of the agent
 * @param renewal a text that changes with each renewal
 */
record AgentLease(String node, String renewal, Lease object) {
    /** Empty if it is not the Lease of an agent, or was never renewed. */
    static Optional<AgentLease> of(Lease lease) {
        return Optional.ofNullable(lease.getSpec())
                .filter(spec -> spec.getHolderIdentity() != null
                        && spec.getRenewTime() != null
                        && LeaseName.of(spec.getHolderIdentity())
                                .equals(lease.getMetadata().getName()))
                .map(spec -> new AgentLease(
                        spec.getHolderIdentity(), lease.getMetadata().getUid() + " " + spec.getRenewTime(), lease));
    }

    String name() {
        return object.getMetadata().getName();
    }
}
