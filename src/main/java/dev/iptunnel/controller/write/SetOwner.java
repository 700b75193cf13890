package dev.iptunnel.controller.write;

import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.Optional;

/**
 * The set as the owner of what the controller stores for it: the garbage collector deletes that with the set, and leaves it after
 * {@code kubectl delete --cascade=orphan}.
 */
final class SetOwner {
    private SetOwner() {}

    static OwnerReference of(IpTunnelSet set) {
        return new OwnerReferenceBuilder()
                .withApiVersion(set.getApiVersion())
                .withKind(set.getKind())
                .withName(set.getMetadata().getName())
                .withUid(set.getMetadata().getUid())
                .withController(true)
                .withBlockOwnerDeletion(true)
                .build();
    }

    /** The UID of the set that owns it, which may be gone. */
    static Optional<String> uid(HasMetadata stored) {
        return Optional.ofNullable(stored.getMetadata().getOwnerReferences()).stream()
                .flatMap(owners -> owners.stream())
                .filter(owner -> owner.getKind().equals(HasMetadata.getKind(IpTunnelSet.class)))
                .map(OwnerReference::getUid)
                .findFirst();
    }
}
