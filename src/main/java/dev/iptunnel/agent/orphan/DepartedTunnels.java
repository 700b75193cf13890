package dev.iptunnel.agent.orphan;

import dev.iptunnel.agent.spec.SpecReader;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.Mark;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The IpTunnels that went, as they were last seen. Their last spec decides what becomes of the tunnel, whether it was
 * reconciled or not; a mark has what was reconciled.
 */
public final class DepartedTunnels extends SimpleInboundEventSource<IpTunnel> implements ResourceEventAware<IpTunnel> {
    /** Longer than the SDK takes to have a deletion reconciled. */
    private static final Duration DISPATCH = Duration.ofMinutes(1);

    private final InstantSource steady;
    private final Map<String, Departed> byUid = new ConcurrentHashMap<>();

    /** @param seenOffUntil until when, on the steady clock, {@link Deletions} is at it */
    private record Departed(DeletionPolicy policy, Instant created, Instant seenOffUntil) {}

    public DepartedTunnels(InstantSource steady) {
        super("departed");
        this.steady = steady;
    }

    /** Before it is known whether the watch told of the deletion or a list lacks the object. */
    @Override
    public void onResourceDeleted(IpTunnel tunnel) {
        byUid.putIfAbsent(
                tunnel.getMetadata().getUid(), departed(tunnel, steady.instant().plus(DISPATCH)));
    }

    /** An object that was made again while the watch was interrupted comes as a change of its predecessor. */
    @Override
    public void onResourceUpdated(IpTunnel now, IpTunnel before) {
        if (!now.getMetadata().getUid().equals(before.getMetadata().getUid())) {
            remember(before);
        }
    }

    private static Departed departed(IpTunnel tunnel, Instant seenOffUntil) {
        return new Departed(SpecReader.deletionPolicyOf(tunnel), SpecReader.created(tunnel), seenOffUntil);
    }

    /** Its tunnel is an orphan like any other. */
    void remember(IpTunnel tunnel) {
        byUid.put(tunnel.getMetadata().getUid(), departed(tunnel, Instant.MIN));
    }

    /** {@link Deletions} sees its tunnel off, however long that takes. */
    void seeOff(IpTunnel tunnel) {
        byUid.put(tunnel.getMetadata().getUid(), departed(tunnel, Instant.MAX));
    }

    /** Whether somebody else than the look for orphans is at the tunnel with this mark. */
    boolean isSeenOff(Mark mark) {
        return Optional.ofNullable(byUid.get(mark.uid()))
                .filter(departed -> departed.seenOffUntil().isAfter(steady.instant()))
                .isPresent();
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
