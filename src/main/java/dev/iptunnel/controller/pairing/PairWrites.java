package dev.iptunnel.controller.pairing;

import dev.iptunnel.api.v1alpha1.IpTunnel;

/** Writes the condition Paired. */
@FunctionalInterface
interface PairWrites {
    /**
     * Replaces the one condition that the patch has, unless the object is another one of the same name.
     *
     * @throws io.fabric8.kubernetes.client.KubernetesClientException if the API server did not do it
     */
    void apply(IpTunnel patch);
}
