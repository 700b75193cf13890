package dev.iptunnel.controller.liveness;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.util.List;
import java.util.Optional;

/** The requests of {@link AgentLiveness}. Each throws a {@code KubernetesClientException} if it fails. */
interface LivenessApi {
    /** The Lease as it is now; empty if there is none. */
    Optional<Lease> lease(String name);

    /** All Leases as they are now. */
    List<Lease> allLeases();

    /** Replaces the conditions that the patch has, unless the object has another resourceVersion. */
    void apply(IpTunnel patch);

    /** Unless it has another resourceVersion. */
    void delete(Lease lease);
}
