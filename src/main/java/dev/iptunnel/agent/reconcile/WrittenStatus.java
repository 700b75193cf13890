package dev.iptunnel.agent.reconcile;

import dev.iptunnel.api.v1alpha1.ConditionType;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The status that the agent had written last. It is remembered because the watch shows a status later than it is written.
 * An example, in which the object has status A at first, and the agent writes B and then C:
 *
 * <pre>
 * event                     API server  object on the watch  {@link #current}
 *                           A           A (version 1)        A
 * the agent writes B        B           A (version 1)        B: the object is still the one that B was written for
 * the agent writes C        C           A (version 1)        C: likewise
 * the watch shows B         C           B (version 2)        C: B is superseded, so the watch is behind
 * the watch shows C         C           C (version 3)        C
 * another client writes D   D           D (version 4)        D: the agent did not write it
 * </pre>
 *
 * <p>Without this memory the fourth line would go wrong: if the tunnel is then as B says, the agent would see B in the
 * object, would not write B, and the API server would keep C.
 *
 * @param last the status that was written last
 * @param basedOn the resourceVersion of the object that it was written for; empty if none was written
 * @param superseded the statuses that the object had before, the latest last
 * @param until from then on the watch is no longer behind: a superseded status on it was written by another client
 */
record WrittenStatus(IpTunnelStatus last, String basedOn, List<IpTunnelStatus> superseded, Instant until) {
    private static final IpTunnelStatus NO_STATUS = IpTunnelStatus.ofConditions(List.of());
    private static final Duration WATCH_DELAY = Duration.ofMinutes(1);
    private static final int MOST_SUPERSEDED = 16;

    static final WrittenStatus NONE = new WrittenStatus(NO_STATUS, "", List.of(), Instant.EPOCH);

    WrittenStatus {
        superseded = List.copyOf(superseded);
    }

    /** What the object has of the agent's own: without the conditions of others. */
    static IpTunnelStatus statusIn(IpTunnel tunnel) {
        IpTunnelStatus status = Objects.requireNonNullElse(tunnel.getStatus(), NO_STATUS);
        return status.withConditions(status.conditions().stream()
                .filter(condition -> !ConditionType.PAIRED.equals(condition.getType()))
                .toList());
    }

    /** The status that the API server has, as far as the agent knows. */
    IpTunnelStatus current(IpTunnel tunnel, Instant now) {
        IpTunnelStatus shown = statusIn(tunnel);
        boolean behind = basedOn.equals(tunnel.getMetadata().getResourceVersion())
                || (now.isBefore(until) && superseded.contains(shown));
        return behind ? last : shown;
    }

    /** Whether the API server has this status, so that it need not be written. */
    boolean isWritten(IpTunnel tunnel, IpTunnelStatus status, Instant now) {
        return status.equals(current(tunnel, now));
    }

    /** The memory after this status was written. */
    WrittenStatus after(IpTunnel tunnel, IpTunnelStatus status, Instant now) {
        List<IpTunnelStatus> before = Stream.concat(
                        now.isBefore(until) ? Stream.concat(superseded.stream(), Stream.of(last)) : Stream.empty(),
                        Stream.of(statusIn(tunnel)))
                .distinct()
                .filter(other -> !other.equals(status))
                .toList();
        return new WrittenStatus(
                status,
                Objects.requireNonNullElse(tunnel.getMetadata().getResourceVersion(), ""),
                before.subList(Math.max(0, before.size() - MOST_SUPERSEDED), before.size()),
                now.plus(WATCH_DELAY));
    }
}
