package dev.iptunnel.tunnel;

import dev.iptunnel.tunnel.Operation.ChangeTunnel;
import dev.iptunnel.tunnel.Operation.DeleteTunnel;
import java.util.Optional;

/**
 * Whose a tunnel's endpoints are: the kernel holds one device for each.
 *
 * <ol>
 *   <li>Case 6: another device has them. Somebody else's keeps them. Of two objects that want them the older has them;
 *       one that wants them no longer makes way.
 *   <li>Case 8: packets of the remote are taken by the driver's fallback device now, or by an {@code external} one: a
 *       tunnel with that remote would take them over, and drop them.
 * </ol>
 */
final class EndpointOwnership {
    private final DesiredTunnel desired;
    private final TunnelParameters wanted;
    private final Surroundings surroundings;
    private final Claims claims;

    EndpointOwnership(DesiredTunnel desired, TunnelParameters wanted, Surroundings surroundings, Claims claims) {
        this.desired = desired;
        this.wanted = wanted;
        this.surroundings = surroundings;
        this.claims = claims;
    }

    Optional<Refusal> refuse() {
        return refuseYounger().or(this::refuseHeld).or(this::refuseFallback);
    }

    private Optional<Refusal> refuseYounger() {
        return claims.olderOfEndpoints(desired)
                .map(older ->
                        conflict("the IpTunnel \"" + older.mark().name() + "\", which " + older.precedenceOver(desired)
                                + ", asks for the same local, remote and parent; change one of them"));
    }

    private Optional<Refusal> refuseHeld() {
        return surroundings.holder().flatMap(holder -> {
            String about = "interface " + holder.name() + " (ifindex " + holder.index() + ")";
            Optional<Mark> mark =
                    holder.mark().filter(known -> known.isOf(desired.mark().manager()));
            if (mark.isEmpty()) {
                return Optional.of(conflict(about + ", which is not ours, has the same local, remote and parent; change"
                        + " one of them, or remove it"));
            }
            String owner = about + " of the IpTunnel \"" + mark.get().name() + "\"";
            Optional<DesiredTunnel> other = claims.byUid(mark.get().uid());
            if (other.isEmpty()) {
                return Optional.of(conflict(owner + ", which is gone or invalid, has the same local, remote and parent;"
                        + " wait until it is removed, or change one of them"));
            }
            if (other.get().paused()) {
                return Optional.of(conflict(
                        owner + ", which is paused, has the same local, remote and parent; unpause that one, or change"
                                + " one of them"));
            }
            return Claims.stillWants(other.get(), desired, wanted)
                            && other.get().hasPrecedenceOver(desired)
                    ? Optional.of(conflict(owner + ", which " + other.get().precedenceOver(desired)
                            + ", has the same local, remote and parent; change one of them"))
                    : Optional.empty();
        });
    }

    private Optional<Refusal> refuseFallback() {
        return surroundings.fallbackUsers().isEmpty() || desired.allowIsolation()
                ? Optional.empty()
                : Optional.of(new Refusal(
                        Reason.FALLBACK_IN_USE,
                        String.join("; ", surroundings.fallbackUsers())
                                + ": a tunnel to " + IpFamily.format(desired.remote())
                                + " (spec.remote) would take those packets over and drop them; remove that use, or, if"
                                + " that is meant, set spec.allowIsolation: true"));
    }

    /** What makes the endpoints free that {@link #refuse} found to be the object's. */
    Optional<Operation> makeWay() {
        return surroundings.holder().flatMap(holder -> holder.tunnel().map(tunnel -> {
            boolean loses = claims.byUid(holder.mark().orElseThrow().uid())
                    .filter(other -> Claims.stillWants(other, desired, wanted))
                    .isPresent();
            TunnelParameters parked =
                    tunnel.withLocal(ParkedLocal.of(tunnel.driver().outer(), holder.index()));
            return loses
                    ? new DeleteTunnel(holder.index(), holder.name(), tunnel.driver(), holder.alias())
                    : new ChangeTunnel(holder.index(), holder.name(), parked, desired.parent());
        }));
    }

    private static Refusal conflict(String message) {
        return new Refusal(Reason.ENDPOINT_CONFLICT, message);
    }
}
