package dev.iptunnel.planner;

import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.LocalAddress;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelParameters;
import java.net.InetAddress;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What all IpTunnels of a node with a valid spec ask for: who else wants the same interface or the same endpoints. */
public interface Claims {
    /** No object asks for anything. */
    Claims NONE = new Claims() {
        @Override
        public Optional<DesiredTunnel> withUid(String uid) {
            return Optional.empty();
        }

        @Override
        public Optional<DesiredTunnel> named(String name) {
            return Optional.empty();
        }

        @Override
        public Stream<DesiredTunnel> ofInterface(String interfaceName) {
            return Stream.empty();
        }

        @Override
        public Stream<DesiredTunnel> withRemote(InetAddress remote) {
            return Stream.empty();
        }
    };

    Optional<DesiredTunnel> withUid(String uid);

    /** By the name of the object. */
    Optional<DesiredTunnel> named(String name);

    Stream<DesiredTunnel> ofInterface(String interfaceName);

    /** Of any driver. */
    Stream<DesiredTunnel> withRemote(InetAddress remote);

    /** The object that a mark names; if it is gone, its successor, which has the same name. */
    default Optional<DesiredTunnel> ownerOf(Mark mark) {
        return withUid(mark.uid()).or(() -> named(mark.name()).filter(tunnel -> mark.isOfSameName(tunnel.mark())));
    }

    /** The oldest object that wants the same interface, if it is older. */
    default Optional<DesiredTunnel> olderOfInterface(DesiredTunnel desired) {
        return older(desired, ofInterface(desired.interfaceName()));
    }

    /** The oldest object that wants the same endpoints, as far as the specs alone show, if it is older. */
    default Optional<DesiredTunnel> olderOfEndpoints(DesiredTunnel desired) {
        return older(
                desired,
                withRemote(desired.remote())
                        .filter(other -> wantsSameEndpoints(other, desired)
                                && other.local().equals(desired.local())));
    }

    private static Optional<DesiredTunnel> older(DesiredTunnel desired, Stream<DesiredTunnel> rivals) {
        return rivals.filter(other -> !other.mark().uid().equals(desired.mark().uid()))
                .filter(other -> other.hasPrecedenceOver(desired))
                .reduce((one, other) -> one.hasPrecedenceOver(other) ? one : other);
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
