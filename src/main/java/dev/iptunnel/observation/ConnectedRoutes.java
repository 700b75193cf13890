package dev.iptunnel.observation;

import dev.iptunnel.observation.ObservedAddress.AddressFlag;
import dev.iptunnel.observation.RouteDetails.Kind;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The routes that the kernel adds for the addresses of an interface that is up (fib_add_ifaddr in {@code
 * net/ipv4/fib_frontend.c}, {@code net/ipv6/addrconf.c}). Without them an address does not work.
 */
public final class ConnectedRoutes {
    /** An IPv4 network of this prefix length, or a longer one, has no broadcast address. */
    private static final int WITHOUT_BROADCAST = 31;

    private final ObservedLink link;

    private ConnectedRoutes(ObservedLink link) {
        this.link = link;
    }

    /** The routes of the address that the interface does not have. */
    public static List<ConnectedRoute> missing(ObservedLink link, ObservedAddress address) {
        ConnectedRoutes routes = new ConnectedRoutes(link);
        return routes.of(address).stream()
                .filter(route ->
                        link.routes().stream().noneMatch(observed -> routes.is(observed, route, address.ours())))
                .toList();
    }

    /** For an address of others, the route to its network may have another metric or source. */
    private boolean is(ObservedRoute observed, ConnectedRoute wanted, boolean ours) {
        RouteDetails details = observed.details();
        InnerRoute route = observed.route();
        boolean exact = ours && wanted.kind() == Kind.UNICAST;
        return details.kind() == wanted.kind()
                && details.isOrdinary()
                && route.gateway().isEmpty()
                && route.destination().equals(wanted.destination())
                && route.table() == wanted.table()
                && (!exact
                        || (route.metric() == wanted.metric()
                                && (isIpv6(wanted.destination())
                                        || details.preferredSource().equals(wanted.preferredSource()))));
    }

    private List<ConnectedRoute> of(ObservedAddress address) {
        boolean ready = link.up() && !address.flags().contains(AddressFlag.TENTATIVE);
        if (!ready) {
            return List.of();
        }
        return isIpv6(address.prefix()) ? ofIpv6(address) : ofIpv4(address);
    }

    private List<ConnectedRoute> ofIpv4(ObservedAddress address) {
        InetAddress own = address.prefix().address();
        IpPrefix network = address.address().network();
        Optional<InetAddress> source = Optional.of(primaryOf(address).prefix().address());
        List<ConnectedRoute> routes = new ArrayList<>();
        routes.add(new ConnectedRoute(Kind.LOCAL, IpPrefix.host(own), table(InnerRoute.LOCAL_TABLE), 0, source));
        boolean secondary = address.flags().contains(AddressFlag.SECONDARY);
        boolean zeroNetwork = network.address().getAddress()[0] == 0;
        if (!secondary && !zeroNetwork && !network.equals(IpPrefix.host(own))) {
            routes.add(new ConnectedRoute(
                    Kind.UNICAST,
                    network,
                    table(InnerRoute.MAIN_TABLE),
                    address.metric().orElse(0),
                    source));
            if (network.length() < WITHOUT_BROADCAST) {
                routes.add(new ConnectedRoute(
                        Kind.BROADCAST, IpPrefix.host(network.last()), table(InnerRoute.LOCAL_TABLE), 0, source));
            }
        }
        return routes;
    }

    private ObservedAddress primaryOf(ObservedAddress address) {
        return link.addresses().stream()
                .filter(_ -> address.flags().contains(AddressFlag.SECONDARY))
                .filter(other -> !other.flags().contains(AddressFlag.SECONDARY)
                        && other.address().network().equals(address.address().network()))
                .findFirst()
                .orElse(address);
    }

    /** A peer has its own route, besides the route to the network of the address. */
    private List<ConnectedRoute> ofIpv6(ObservedAddress address) {
        long main = table(InnerRoute.MAIN_TABLE);
        long metric = address.metric().orElse(InnerAddress.IPV6_CONNECTED_METRIC);
        return Stream.concat(
                        Stream.of(
                                new ConnectedRoute(
                                        Kind.LOCAL,
                                        IpPrefix.host(address.prefix().address()),
                                        table(InnerRoute.LOCAL_TABLE),
                                        0,
                                        Optional.empty()),
                                new ConnectedRoute(
                                        Kind.UNICAST, address.prefix().network(), main, metric, Optional.empty())),
                        address.peer().stream()
                                .map(peer -> new ConnectedRoute(
                                        Kind.UNICAST, IpPrefix.host(peer), main, metric, Optional.empty())))
                .toList();
    }

    private long table(long ordinary) {
        return link.vrfTable().orElse(ordinary);
    }

    private static boolean isIpv6(IpPrefix prefix) {
        return prefix.family() == IpFamily.IPV6;
    }
}
