package dev.iptunnel.planner;

import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.LocalAddress;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelParameters;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** What all IpTunnels of a node ask for; it finds the objects that want the same interface or the same endpoints. */
public record Claims(Collection<DesiredTunnel> tunnels) {
    public static final Claims NONE = new Claims(List.of());

    /** The object of that UID, if it is an object of this node. */
    private Optional<DesiredTunnel> byUid(String uid) {
        return tunnels.stream()
                .filter(tunnel -> tunnel.mark().uid().equals(uid))
                .findFirst();
    }

    /** The object that a mark names; if it is gone, its successor, which has the same name. */
    Optional<DesiredTunnel> ownerOf(Mark mark) {
        return byUid(mark.uid()).or(() -> tunnels.stream()
                .filter(tunnel -> mark.isOfSameName(tunnel.mark()))
                .findFirst());
    }

    /** An older object that wants the same interface. */
    Optional<DesiredTunnel> olderOfInterface(DesiredTunnel desired) {
        return older(desired, other -> other.interfaceName().equals(desired.interfaceName()));
    }

    /** An older object that wants the same endpoints, as far as the specs alone show. */
    Optional<DesiredTunnel> olderOfEndpoints(DesiredTunnel desired) {
        return older(
                desired,
                other -> wantsSameEndpoints(other, desired) && other.local().equals(desired.local()));
    }

    private Optional<DesiredTunnel> older(DesiredTunnel desired, Predicate<DesiredTunnel> rival) {
        return tunnels.stream()
                .filter(rival)
                .filter(other -> !other.mark().uid().equals(desired.mark().uid()))
                .filter(other -> other.hasPrecedenceOver(desired))
                .findFirst();
    }

    private static boolean wantsSameEndpoints(DesiredTunnel one, DesiredTunnel other) {
        return wantsSameRemote(one, other) && one.parent().equals(other.parent());
    }

    private static boolean wantsSameRemote(DesiredTunnel one, DesiredTunnel other) {
        return one.mode().driver() == other.mode().driver() && one.remote().equals(other.remote());
    }

    private static boolean isSameParent(Optional<String> holders, Optional<String> others, Set<String> othersNames) {
        return holders.equals(others)
                || (others.isPresent() && holders.filter(othersNames::contains).isPresent());
    }

    /**
     * Whether the object whose tunnel has these endpoints in the kernel still wants them.
     *
     * @param other the object that wants them now
     * @param parentNames all names of the other object's parent
     * @param wanted the parameters that the other object wants
     */
    static boolean stillWants(
            DesiredTunnel holder, DesiredTunnel other, Set<String> parentNames, TunnelParameters wanted) {
        boolean sameLocal =
                switch (holder.local()) {
                    case LocalAddress.Fixed(var address) -> address.equals(wanted.local());
                    case LocalAddress.OfNode(var address) ->
                        address.filter(wanted.local()::equals).isPresent();
                    case LocalAddress.OfInterface _ -> true;
                };
        return sameLocal
                && wantsSameRemote(holder, other)
                && isSameParent(holder.parent(), other.parent(), parentNames);
    }
}
