package dev.iptunnel.controller.reconcile;

import dev.iptunnel.api.v1alpha1.set.IpTunnelSet;
import dev.iptunnel.api.v1alpha1.set.IpTunnelSetStatus;
import dev.iptunnel.api.v1alpha1.set.RolloutStatus;
import dev.iptunnel.set.pass.PassMemory;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the process knows of one set between its passes. Only the thread of the passes changes it. */
final class SetState {
    /** How long a new process looks before it says that less is available than the process before it said. */
    private static final Duration FIRST_LOOK = Duration.ofSeconds(5);

    private static final Duration WATCH_DELAY = Duration.ofSeconds(10);
    private static final Duration LONGEST_BLINK = Duration.ofMinutes(1);

    private final String uid;
    private final long seen;

    private volatile @Nullable IpTunnelSetStatus latest;
    private @Nullable IpTunnelSetStatus written;
    private long writtenAt;
    private @Nullable Long blindSince;

    PassMemory memory = PassMemory.NONE;
    Optional<String> retried;

    private SetState(IpTunnelSet set, long now) {
        uid = set.getMetadata().getUid();
        seen = now;
        retried = Optional.ofNullable(set.getStatus())
                .map(IpTunnelSetStatus::rollout)
                .map(RolloutStatus::retriedRevision);
    }

    /** The state of this set; of one that was deleted and made again there is none yet. */
    static SetState of(@Nullable SetState before, IpTunnelSet set, long now) {
        return before != null && before.uid.equals(set.getMetadata().getUid()) ? before : new SetState(set, now);
    }

    /**
     * The status that the API server has, as far as is known: the watch shows a write some time later. If somebody removes
     * the status, the last one that this process knew counts.
     */
    Optional<IpTunnelSetStatus> status(IpTunnelSet set, long now) {
        boolean isFresh = written != null && now - writtenAt < WATCH_DELAY.toNanos();
        IpTunnelSetStatus shown = set.getStatus();
        return Optional.ofNullable(isFresh || isRemoved(shown) ? written : shown);
    }

    /** A status with a default, but without anything of ours. */
    private static boolean isRemoved(@Nullable IpTunnelSetStatus status) {
        return status == null || status.observedGeneration() == null;
    }

    /** The API server ends each watch after some minutes, and a new one is open a moment later: that is not worth a status. */
    boolean isBlindForLong(long now) {
        if (blindSince == null) {
            blindSince = now;
        }
        return now - blindSince > LONGEST_BLINK.toNanos();
    }

    /** The watches are open. */
    void sees() {
        blindSince = null;
    }

    /** What is to be told, if it is not written. */
    Optional<IpTunnelSetStatus> latest() {
        return Optional.ofNullable(latest);
    }

    void found(IpTunnelSetStatus status) {
        latest = status;
    }

    void wrote(IpTunnelSetStatus status, long now) {
        written = status;
        writtenAt = now;
    }

    /**
     * Whether the API server has another status. In its first seconds a process does not know since when tunnels have been
     * ready, and says nothing of a spec that its predecessor has seen.
     */
    boolean isToBeWritten(IpTunnelSet set, IpTunnelSetStatus status, long now) {
        boolean isFresh = written != null && now - writtenAt < WATCH_DELAY.toNanos();
        if (status.equals(isFresh ? written : set.getStatus())) {
            return false;
        }
        boolean isOld = set.getStatus() != null
                && Objects.equals(
                        set.getStatus().observedGeneration(), set.getMetadata().getGeneration());
        long quiet = FIRST_LOOK.toNanos() + minReady(set).toNanos();
        return written != null || !isOld || now - seen > quiet;
    }

    private static Duration minReady(IpTunnelSet set) {
        return Duration.ofSeconds(set.getSpec().rollout().minReadySeconds());
    }
}
