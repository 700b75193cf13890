package dev.iptunnel.observation;

import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelParameters;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Everything in the kernel of a node that matters for one desired tunnel.
 *
 * @param named the interface that has the desired name
 * @param strays interfaces of other names that carry the mark of this object
 * @param parent the interface that has the name of the parent
 * @param parentNames all names of the parent, also the alternative ones
 * @param localSource the interface that the local address is taken from
 * @param path how the outer packets would leave the node
 * @param renamesUp whether the kernel renames an interface that is up
 * @param setsInet6Conf whether the settings below {@code net.ipv6.conf} can be written
 * @param surroundings complete if {@link #needsSurroundings}; otherwise they contain only the uses of the fallback device
 * @param vrf the interface that has the name of the desired VRF, also if it is not a VRF; none if the spec names none
 * @param detours of packets to the tunnel's destinations, if the tunnel has all its addresses and routes
 */
public record Observation(
        Optional<ObservedLink> named,
        List<ObservedLink> strays,
        Optional<ObservedLink> parent,
        Set<String> parentNames,
        Optional<ObservedLink> localSource,
        OuterPath path,
        boolean renamesUp,
        boolean setsInet6Conf,
        Surroundings surroundings,
        Optional<Master> vrf,
        List<Detour> detours) {
    public Observation {
        strays = List.copyOf(strays);
        parentNames = Set.copyOf(parentNames);
        detours = List.copyOf(detours);
    }

    /** An observation without any interface, of a kernel that can do everything. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder of an observation that differs from this one in something. */
    public Builder toBuilder() {
        return builder()
                .named(named)
                .strays(strays)
                .parent(parent)
                .parentNames(parentNames)
                .localSource(localSource)
                .path(path)
                .renamesUp(renamesUp)
                .setsInet6Conf(setsInet6Conf)
                .surroundings(surroundings)
                .vrf(vrf)
                .detours(detours);
    }

    /**
     * The answer to a route look-up for the remote through the parent.
     *
     * @param device the outgoing interface of the route; empty without a route, or without a remote
     * @param localPresent whether the node has the local address; true if local is any
     * @param carriers the tunnels that carry the outer packets, and then those that carry their outer packets; also foreign
     *     ones
     * @param loops whether the packets of a carrier come back to the tunnel, or to a carrier
     */
    public record OuterPath(Optional<Device> device, boolean localPresent, List<Carrier> carriers, boolean loops) {
        public OuterPath {
            carriers = List.copyOf(carriers);
        }

        /** A path through no other tunnel. */
        public OuterPath(Optional<Device> device, boolean localPresent) {
            this(device, localPresent, List.of(), false);
        }

        /** The path while there is no local address: it is not looked up. */
        public static final OuterPath UNKNOWN = new OuterPath(Optional.empty(), false);
    }

    /**
     * A tunnel that carries the outer packets of another tunnel.
     *
     * @param remote the destination of its own outer packets
     * @param bound see {@link TunnelParameters#isBoundToParent}
     */
    public record Carrier(String name, InetAddress remote, boolean bound) {}

    /** The interface at the end of a route look-up. */
    public record Device(int index, String name, int mtu) {}

    /** Whether the interface is a port of the VRF that is asked for, or none is asked for. */
    public boolean isInVrf(DesiredTunnel desired, ObservedLink link) {
        return desired.vrf().isEmpty()
                || vrf.map(Master::index).equals(link.master().map(Master::index));
    }

    /** The parameters for the driver; empty while the local address is not known. */
    public Optional<TunnelParameters> wanted(DesiredTunnel desired) {
        int parentIndex = parent.map(ObservedLink::index).orElse(0);
        return LocalChoice.resolve(
                        desired.local(), desired.mode().outer(), desired.remote(), localSource, lastLocal(desired))
                .map(local -> desired.parameters(local, parentIndex));
    }

    private Optional<InetAddress> lastLocal(DesiredTunnel desired) {
        return Stream.concat(named.stream(), strays.stream())
                .filter(link -> link.hasMarkOf(desired))
                .flatMap(link -> link.tunnel().stream())
                .map(TunnelParameters::local)
                .filter(local -> IpFamily.of(local) == desired.mode().outer())
                .filter(local -> !local.isAnyLocalAddress() && !ParkedLocal.isParked(local))
                .findFirst();
    }

    /** Whether the tunnel lacks its endpoints, an address or a route: then the rest of the node matters. */
    public boolean needsSurroundings(DesiredTunnel desired) {
        Optional<TunnelParameters> wanted = wanted(desired);
        boolean settled = named.filter(link -> link.hasMarkOf(desired)
                        && link.tunnel()
                                .map(TunnelParameters::endpoints)
                                .equals(wanted.map(TunnelParameters::endpoints))
                        && isInVrf(desired, link)
                        && HeldNetwork.isComplete(desired, link))
                .isPresent();
        return wanted.isPresent() && !settled;
    }

    /** The MTU for the outer packets: that of the outgoing device, or else of the parent; empty = not known. */
    public OptionalInt outerMtu() {
        Optional<Device> routed = path.device().filter(device -> !leadsIntoTunnel(device) && !path.loops());
        return routed.map(Device::mtu)
                .or(() -> parent.map(ObservedLink::mtu))
                .map(OptionalInt::of)
                .orElseGet(OptionalInt::empty);
    }

    /**
     * The MTU that the tunnel keeps while its outer packets loop: an MTU that is derived from a loop becomes smaller each
     * time.
     */
    public OptionalInt mtuInLoop() {
        return path.loops() && named.isPresent() ? OptionalInt.of(named.get().mtu()) : OptionalInt.empty();
    }

    /** Whether the kernel renames the interface only while it is down. */
    public boolean goesDownToBeRenamed(ObservedLink link) {
        return link.up() && !renamesUp;
    }

    /** Whether the interface is the tunnel itself, under this or another name. */
    public boolean isOwn(ObservedLink link) {
        return Stream.concat(named.stream(), strays.stream()).anyMatch(own -> own.index() == link.index());
    }

    /** Whether the device is the tunnel itself. */
    public boolean leadsIntoTunnel(Device device) {
        return named.filter(link -> link.index() == device.index()).isPresent();
    }

    /** Builds an {@link Observation}. */
    public static final class Builder {
        private Optional<ObservedLink> named = Optional.empty();
        private List<ObservedLink> strays = List.of();
        private Optional<ObservedLink> parent = Optional.empty();
        private Set<String> parentNames = Set.of();
        private Optional<ObservedLink> localSource = Optional.empty();
        private OuterPath path = OuterPath.UNKNOWN;
        private boolean renamesUp = true;
        private boolean setsInet6Conf = true;
        private Surroundings surroundings = Surroundings.NONE;
        private Optional<Master> vrf = Optional.empty();
        private List<Detour> detours = List.of();

        Builder() {}

        public Observation build() {
            return new Observation(
                    named,
                    strays,
                    parent,
                    parentNames,
                    localSource,
                    path,
                    renamesUp,
                    setsInet6Conf,
                    surroundings,
                    vrf,
                    detours);
        }

        public Builder named(Optional<ObservedLink> value) {
            named = value;
            return this;
        }

        public Builder strays(List<ObservedLink> value) {
            strays = value;
            return this;
        }

        public Builder parent(Optional<ObservedLink> value) {
            parent = value;
            return this;
        }

        public Builder parentNames(Set<String> value) {
            parentNames = value;
            return this;
        }

        public Builder localSource(Optional<ObservedLink> value) {
            localSource = value;
            return this;
        }

        public Builder path(OuterPath value) {
            path = value;
            return this;
        }

        public Builder renamesUp(boolean value) {
            renamesUp = value;
            return this;
        }

        public Builder setsInet6Conf(boolean value) {
            setsInet6Conf = value;
            return this;
        }

        public Builder surroundings(Surroundings value) {
            surroundings = value;
            return this;
        }

        public Builder vrf(Optional<Master> value) {
            vrf = value;
            return this;
        }

        public Builder detours(List<Detour> value) {
            detours = value;
            return this;
        }
    }
}
