package dev.iptunnel.observation;

import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelParameters;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The single look-ups that {@link TunnelObserver} puts an observation together from: answered by the kernel, by a copy of
 * what the kernel told, or by a model of a kernel in tests.
 */
public interface NodeLookup {
    /** The interface of that name, which may be an alternative one. */
    Optional<NodeLink> link(String name);

    Optional<NodeLink> link(int index);

    /** The interfaces of the three tunnel drivers, but for fallback devices. */
    Stream<NodeLink> tunnels();

    /** The interface of that name as one that others may be ports of, be it a VRF or not. */
    Optional<Master> master(String name);

    OuterRoute outerRoute(OuterQuery query);

    /** The packets that a tunnel to the remote would take over from a device for all remotes. */
    List<FallbackUse> fallbackUses(TunnelDriver driver, InetAddress remote);

    /** Which packets to its destinations do not take a tunnel that has these routes. */
    List<Detour> detours(DetourQuery query);

    /**
     * What else is on the node that the tunnel meets when it gets its endpoints, addresses or routes.
     *
     * @param wanted what the driver is to be told
     * @param observed without surroundings
     */
    Surroundings surroundings(DesiredTunnel desired, TunnelParameters wanted, Observation observed);

    /** Whether the tunnel that is there may harm the node, so that its surroundings have to be looked at. */
    boolean isEndangeredBy(DesiredTunnel desired, Observation observed);

    /** Whether the kernel renames an interface that is up. */
    boolean renamesUp();

    /** Whether the settings below {@code net.ipv6.conf} can be written. */
    boolean setsInet6Conf();

    /** An interface that was found, of which more can be looked up. */
    interface NodeLink {
        /** Without addresses and routes. */
        ObservedLink link();

        /** All that it is called, alternative names too. */
        Set<String> names();

        /** Whether its outer packets leave by another network namespace. */
        boolean sendsElsewhere();

        /** With its addresses. */
        ObservedLink withAddresses();

        /**
         * With its addresses, master and settings.
         *
         * @param routes the families of the routes that it is to have
         */
        ObservedLink inFull(Set<IpFamily> routes);
    }

    /**
     * The destinations of a tunnel.
     *
     * @param tunnel its ifindex
     * @param vrf the ifindex of the VRF that it is a port of
     * @param vrfTable the routing table of that one
     * @param routes that the kernel holds out of it, all of one family
     */
    record DetourQuery(int tunnel, OptionalInt vrf, OptionalLong vrfTable, List<InnerRoute> routes) {
        public DetourQuery {
            routes = List.copyOf(routes);
        }
    }

    /**
     * Which way outer packets go.
     *
     * @param local the any address where the kernel chooses
     * @param remote the any address where there is none
     * @param oif of a tunnel that is bound to its parent
     */
    record OuterQuery(InetAddress local, InetAddress remote, OptionalInt oif) {
        /** Of what the driver sends. */
        public static OuterQuery of(TunnelParameters tunnel) {
            return new OuterQuery(
                    tunnel.local(),
                    tunnel.remote(),
                    tunnel.parent() == 0 ? OptionalInt.empty() : OptionalInt.of(tunnel.parent()));
        }
    }

    /**
     * The answer to a route look-up.
     *
     * @param device the index of the interface that they leave by; absent without a route or a remote
     * @param localPresent whether the local address is one of the node's
     * @param source that the kernel chooses, where it is to
     */
    record OuterRoute(OptionalInt device, boolean localPresent, Optional<InetAddress> source) {}
}
