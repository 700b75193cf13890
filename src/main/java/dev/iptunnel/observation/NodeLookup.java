package dev.iptunnel.observation;

import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.Endpoints;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelParameters;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The look-ups that {@link TunnelObserver} makes. The kernel answers them, or the cache of the kernel, or the model of a
 * kernel in tests.
 */
public interface NodeLookup {
    /** The interface of that name, which may be an alternative name. */
    Optional<NodeLink> link(String name);

    Optional<NodeLink> link(int index);

    /** The tunnels that carry a mark of that object, or of a predecessor: one of the same name. */
    Stream<NodeLink> tunnelsOf(Mark object);

    /** The interface of that name as a master, also if it is not a VRF. */
    Optional<Master> master(String name);

    OuterRoute outerRoute(OuterQuery query);

    /** The uses of devices for all remotes whose packets a tunnel with these endpoints would take over. */
    List<FallbackUse> fallbackUses(Endpoints endpoints);

    /** The packets to the tunnel's destinations that do not take the tunnel. */
    List<Detour> detours(DetourQuery query);

    /**
     * Everything else on the node that matters when the tunnel gets endpoints, addresses or routes.
     *
     * @param wanted the parameters for the driver
     * @param observed the observation without surroundings
     */
    Surroundings surroundings(DesiredTunnel desired, TunnelParameters wanted, Observation observed);

    /** Whether the existing tunnel may harm the node now, so that its surroundings have to be read. */
    boolean isEndangeredBy(DesiredTunnel desired, Observation observed);

    /** Whether the kernel renames an interface that is up. */
    boolean renamesUp();

    /** Whether the settings below {@code net.ipv6.conf} can be written. */
    boolean setsInet6Conf();

    /** An interface that was found; it can look up more about itself. */
    interface NodeLink {
        /** Without addresses and routes. */
        ObservedLink link();

        /** All its names, also the alternative ones. */
        Set<String> names();

        /** Whether its outer packets leave through another network namespace. */
        boolean sendsElsewhere();

        /** With its addresses. */
        ObservedLink withAddresses();

        /**
         * With its addresses, master and settings.
         *
         * @param routes the families of the routes to read
         */
        ObservedLink inFull(Set<IpFamily> routes);
    }

    /**
     * The destinations of a tunnel.
     *
     * @param tunnel its ifindex
     * @param vrf the ifindex of the VRF that it is a port of
     * @param vrfTable the routing table of that VRF
     * @param routes its routes in the kernel, all of one family
     */
    record DetourQuery(int tunnel, OptionalInt vrf, OptionalLong vrfTable, List<InnerRoute> routes) {
        public DetourQuery {
            routes = List.copyOf(routes);
        }
    }

    /**
     * A route look-up for outer packets.
     *
     * @param local the unspecified address if the kernel chooses
     * @param remote the unspecified address if there is none
     * @param oif the parent's ifindex of a tunnel that is bound to it
     */
    record OuterQuery(InetAddress local, InetAddress remote, OptionalInt oif) {
        /** The look-up for the packets that the tunnel sends. */
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
     * @param device the index of the outgoing interface; absent without a route or a remote
     * @param localPresent whether the node has the local address
     * @param source the source that the kernel chooses, if the query leaves it open
     * @param routeSource the source that the route names ({@code src} of ip-route(8)), if the query leaves it open;
     *     only of IPv6, since of IPv4 the kernel chooses it
     */
    record OuterRoute(
            OptionalInt device,
            boolean localPresent,
            Optional<InetAddress> source,
            Optional<InetAddress> routeSource) {}
}
