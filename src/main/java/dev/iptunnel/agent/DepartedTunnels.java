package dev.iptunnel.agent;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.Mark;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The IpTunnels that went, as they were last seen. Their last spec decides what becomes of the tunnel, whether it was
 * reconciled or not; a mark has what was reconciled.
 */
final class DepartedTunnels extends SimpleInboundEventSource<IpTunnel> implements ResourceEventAware<IpTunnel> {
    private final Map<String, Departed> byUid = new ConcurrentHashMap<>();

    private record Departed(DeletionPolicy policy, Instant created) {}

    DepartedTunnels() {
        super("departed");
    }

    @Override
    public void onResourceDeleted(IpTunnel tunnel) {
        remember(tunnel);
    }

    /** An object that was made again while the watch was interrupted comes as a change of its predecessor. */
    @Override
    public void onResourceUpdated(IpTunnel now, IpTunnel before) {
        if (!now.getMetadata().getUid().equals(before.getMetadata().getUid())) {
            remember(before);
        }
    }

    void remember(IpTunnel tunnel) {
        byUid.put(
                tunnel.getMetadata().getUid(),
                new Departed(SpecReader.deletionPolicyOf(tunnel), SpecReader.created(tunnel)));
    }

    /** What becomes of a tunnel with this mark when its object is gone. */
    DeletionPolicy policyOf(Mark mark) {
        return Optional.ofNullable(byUid.get(mark.uid())).map(Departed::policy).orElse(mark.deletionPolicy());
    }

    /** When the object of this mark was made, where that is known. */
    Optional<Instant> createdOf(Mark mark) {
        return Optional.ofNullable(byUid.get(mark.uid())).map(Departed::created);
    }

    Set<String> uids() {
        return Set.copyOf(byUid.keySet());
    }

    void forget(Set<String> uids) {
        byUid.keySet().removeAll(uids);
    }
}
