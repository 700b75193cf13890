package dev.iptunnel.agent.reconcile;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The status that we wrote last. The watch may show the object with an older one for a while yet, and of two that were
 * written one after the other it shows the first before the second.
 *
 * @param last what the API server has, unless somebody else wrote a status
 * @param basedOn the resourceVersion of the object that it was written for; empty where none was
 * @param superseded those that were there before, the latest last
 * @param until when the watch is taken to have caught up
 * @param unsure whether the API server may not have taken it, or another before it
 */
record WrittenStatus(
        IpTunnelStatus last, String basedOn, List<IpTunnelStatus> superseded, Instant until, boolean unsure) {
    private static final IpTunnelStatus NO_STATUS =
            new IpTunnelStatus(null, null, null, null, null, null, null, null, List.of());
    private static final Duration WATCH_DELAY = Duration.ofMinutes(1);
    private static final int MOST_SUPERSEDED = 16;

    static final WrittenStatus NONE = new WrittenStatus(NO_STATUS, "", List.of(), Instant.EPOCH, false);

    WrittenStatus {
        superseded = List.copyOf(superseded);
    }

    static IpTunnelStatus statusIn(IpTunnel tunnel) {
        return Objects.requireNonNullElse(tunnel.getStatus(), NO_STATUS);
    }

    /** The status that the API server has of this object. */
    IpTunnelStatus current(IpTunnel tunnel, Instant now) {
        IpTunnelStatus shown = statusIn(tunnel);
        boolean old = basedOn.equals(tunnel.getMetadata().getResourceVersion())
                || (now.isBefore(until) && superseded.contains(shown));
        return old ? last : shown;
    }

    /** Whether it has this one, so that it need not be written. */
    boolean isWritten(IpTunnel tunnel, IpTunnelStatus status, Instant now) {
        return !unsure && status.equals(current(tunnel, now));
    }

    /** After this one was written. */
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
                now.plus(WATCH_DELAY),
                false);
    }

    /** Nobody knows whether it was written, so what the object shows counts, and the next one is written in any case. */
    WrittenStatus notWritten() {
        return new WrittenStatus(NO_STATUS, "", List.of(), Instant.EPOCH, true);
    }
}
