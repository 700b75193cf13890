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
 * The deleted IpTunnels as they were last seen. The last spec decides what happens to the tunnel, even if that spec was
 * never reconciled; the mark contains only what was reconciled.
 */
public final class DepartedTunnels extends SimpleInboundEventSource<IpTunnel> implements ResourceEventAware<IpTunnel> {
    /** Longer than the SDK needs to reconcile a deletion. */
    private static final Duration DISPATCH = Duration.ofMinutes(1);

    private final InstantSource steady;
    private final Map<String, Departed> byUid = new ConcurrentHashMap<>();

    /** @param handledUntil until when, on the steady clock, {@link Deletions} handles the tunnel */
    private record Departed(DeletionPolicy policy, Instant created, Instant handledUntil) {}

    public DepartedTunnels(InstantSource steady) {
        super("departed");
        this.steady = steady;
    }

    /** Called before it is known whether the deletion was seen on the watch or only a list lacks the object. */
    @Override
    public void onResourceDeleted(IpTunnel tunnel) {
        byUid.putIfAbsent(
                tunnel.getMetadata().getUid(), departed(tunnel, steady.instant().plus(DISPATCH)));
    }

    /** An object that was created again during a gap in the watch appears as a change of its predecessor. */
    @Override
    public void onResourceUpdated(IpTunnel now, IpTunnel before) {
        if (!now.getMetadata().getUid().equals(before.getMetadata().getUid())) {
            remember(before);
        }
    }

    private static Departed departed(IpTunnel tunnel, Instant handledUntil) {
        return new Departed(SpecReader.deletionPolicyOf(tunnel), SpecReader.created(tunnel), handledUntil);
    }

    /** From now on the object's tunnel is an orphan like any other. */
    void remember(IpTunnel tunnel) {
        byUid.put(tunnel.getMetadata().getUid(), departed(tunnel, Instant.MIN));
    }

    /** From now on {@link Deletions} handles the object's tunnel, for as long as it needs. */
    void handle(IpTunnel tunnel) {
        byUid.put(tunnel.getMetadata().getUid(), departed(tunnel, Instant.MAX));
    }

    /** Whether {@link Deletions}, and not the look for orphans, handles the tunnel with this mark. */
    boolean isHandled(Mark mark) {
        return Optional.ofNullable(byUid.get(mark.uid()))
                .filter(departed -> departed.handledUntil().isAfter(steady.instant()))
                .isPresent();
    }

    /** The policy for a tunnel with this mark when its object is gone. */
    DeletionPolicy policyOf(Mark mark) {
        return Optional.ofNullable(byUid.get(mark.uid())).map(Departed::policy).orElse(mark.deletionPolicy());
    }

    /** When the object of this mark was created, if known. */
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
