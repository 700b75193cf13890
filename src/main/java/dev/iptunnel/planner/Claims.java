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

/** What all IpTunnels of a node ask for: who else wants an interface's name, or endpoints. */
public record Claims(Collection<DesiredTunnel> tunnels) {
    public static final Claims NONE = new Claims(List.of());

    /** The object of that UID, where it is one of the node's. */
    private Optional<DesiredTunnel> byUid(String uid) {
        return tunnels.stream()
                .filter(tunnel -> tunnel.mark().uid().equals(uid))
                .findFirst();
    }

    /** The object that a mark names, or, where that is gone, its successor: the one that has its name now. */
    Optional<DesiredTunnel> ownerOf(Mark mark) {
        return byUid(mark.uid()).or(() -> tunnels.stream()
                .filter(tunnel -> mark.isOfSameName(tunnel.mark()))
                .findFirst());
    }

    /** An older object that wants the same interface. */
    Optional<DesiredTunnel> olderOfInterface(DesiredTunnel desired) {
        return older(desired, other -> other.interfaceName().equals(desired.interfaceName()));
    }

    /** An older object that wants the same endpoints, as far as the objects tell. */
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
     * Whether the object that holds these endpoints in the kernel still wants them.
     *
     * @param parentNames all that the other's parent is called
     * @param wanted what it competes for with the other, whose endpoints they are
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
