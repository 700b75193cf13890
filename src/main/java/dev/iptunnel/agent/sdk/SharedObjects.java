package dev.iptunnel.agent.sdk;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.config.Cloner;

/**
 * Hands the object in the informer's cache to the reconciler, which changes no object. The SDK's own way copies it by JSON
 * for each reconciliation.
 */
public final class SharedObjects implements Cloner {
    @Override
    public <R extends HasMetadata> R clone(R object) {
        return object;
    }
}
