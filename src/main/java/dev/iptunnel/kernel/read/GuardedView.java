package dev.iptunnel.kernel.read;

import dev.iptunnel.kernel.read.Guards.Guarded;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.netlink.route.RouteFilter;
import dev.iptunnel.netlink.route.RouteType;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.Surroundings.Guard;
import dev.iptunnel.observation.Surroundings.GuardedDestination;
import dev.iptunnel.observation.Surroundings.MatchedRoute;
import dev.iptunnel.observation.Surroundings.RoutingRule;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelParameters;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The guarded networks that a tunnel's addresses and routes concern, and the route that leads to each of them without the
 * tunnel. How that route is found depends on the guard:
 *
 * <ul>
 *   <li>a tunnel's remote, the API server, a gateway: the address is looked up. If the tunnel's own route answers, the
 *       route that would answer without it is searched for in the tables.
 *   <li>a network of an uplink: only the same network concerns it, not a part of it.
 *   <li>a protected network: each part of it that a destination covers, searched for in the tables.
 *   <li>a network on the link of any other interface: an address of each network that a missing address brings along is looked up.
 *       A route of the spec to such a network is meant, and the kernel refuses it where both have the same metric.
 * </ul>
 */
final class GuardedView {
    /** All types but throw, which makes the next rule decide. */
    private static final Set<RouteType> DECIDING = EnumSet.of(
            RouteType.UNICAST, RouteType.LOCAL, RouteType.BLACKHOLE, RouteType.UNREACHABLE, RouteType.PROHIBIT);

    private final Rtnetlink rtnetlink;
    private final DesiredTunnel desired;
    private final Observation observed;
    private final List<RoutingRule> rules;
    private final List<IpPrefix> destinations;
    private final int own;

    GuardedView(Rtnetlink rtnetlink, DesiredTunnel desired, Observation observed, List<RoutingRule> rules) {
        this.rtnetlink = rtnetlink;
        this.desired = desired;
        this.observed = observed;
        this.rules = rules;
        this.destinations = desired.destinations().toList();
        this.own = observed.named().map(ObservedLink::index).orElse(-1);
    }

    List<GuardedDestination> of(Stream<Guarded> guards) {
        List<GuardedDestination> guarded = new ArrayList<>();
        if (destinations.isEmpty()) {
            return guarded;
        }
        IpFamily inner = desired.mode().inner();
        if (!isBound()) {
            outer(Guard.REMOTE, desired.remote(), "", guarded);
        }
        observed.path().carriers().stream()
                .filter(carrier -> !carrier.bound() && IpFamily.of(carrier.remote()) == inner)
                .forEach(carrier -> outer(Guard.CARRIER, carrier.remote(), carrier.name(), guarded));
        guards.forEach(network -> {
            switch (network.guard()) {
                case API_SERVER -> apiServer(network.network(), guarded);
                case UPLINK ->
                    destinations.stream()
                            .filter(network.network()::equals)
                            .forEach(same -> network(Guard.UPLINK, same, guarded));
                case PROTECTED ->
                    destinations.stream()
                            .filter(network.network()::overlaps)
                            .map(other -> network.network().covers(other) ? other : network.network())
                            .distinct()
                            .forEach(part -> network(Guard.PROTECTED, part, guarded));
                default -> host(network.guard(), network.network().address(), guarded);
            }
        });
        desired.addresses().stream()
                .filter(address -> !isPresent(address))
                .flatMap(address -> address.routes().stream())
                .map(InnerRoute::destination)
                .filter(destination -> !destination.isHost() && !Guards.isOfOneLink(destination.address()))
                .distinct()
                .forEach(destination -> connected(destination, guarded));
        return guarded;
    }

    private boolean isPresent(InnerAddress wanted) {
        return observed.named().stream()
                .flatMap(link -> link.addresses().stream())
                .anyMatch(address -> address.prefix().equals(wanted.prefix()));
    }

    private boolean isBound() {
        return desired.parent().isPresent()
                && observed.wanted(desired)
                        .filter(TunnelParameters::isBoundToParent)
                        .isPresent();
    }

    private boolean isConcerned(InetAddress address) {
        return destinations.stream().anyMatch(destination -> destination.contains(address));
    }

    private boolean isOwn(Optional<Route> route) {
        return route.filter(found -> found.leadsOutOf(own)).isPresent();
    }

    /** Left out where the tunnel has the remote already: that loop is only reported. */
    private void outer(Guard guard, InetAddress remote, String carrier, List<GuardedDestination> guarded) {
        if (isConcerned(remote) && !remote.isAnyLocalAddress()) {
            Optional<Route> route = rtnetlink.matchedRoute(remote, OptionalInt.empty());
            if (!isOwn(route)) {
                guarded.add(
                        new GuardedDestination(guard, IpPrefix.host(remote), carrier, route.map(GuardedView::matched)));
            }
        }
    }

    /** The address itself, and the gateway to it. */
    private void apiServer(IpPrefix address, List<GuardedDestination> guarded) {
        rtnetlink.matchedRoute(address.address(), OptionalInt.empty()).filter(route -> !route.leadsOutOf(own)).stream()
                .flatMap(Route::gateways)
                .filter(gateway -> !Guards.isOfOneLink(gateway))
                .forEach(gateway -> host(Guard.API_SERVER, gateway, guarded));
        host(Guard.API_SERVER, address.address(), guarded);
    }

    /** Left out where only the tunnel leads to the address, since no other route is harmed. */
    private void host(Guard guard, InetAddress address, List<GuardedDestination> guarded) {
        if (isConcerned(address)) {
            Optional<Route> route = rtnetlink.matchedRoute(address, OptionalInt.empty());
            if (isOwn(route)) {
                leadingTo(IpPrefix.host(address))
                        .ifPresent(other -> guarded.add(new GuardedDestination(guard, address, Optional.of(other))));
            } else {
                guarded.add(new GuardedDestination(guard, address, route.map(GuardedView::matched)));
            }
        }
    }

    /** Left out where the destination is not as long as the route that is used now. */
    private void connected(IpPrefix destination, List<GuardedDestination> guarded) {
        innerAddresses(destination)
                .flatMap(address -> rtnetlink.matchedRoute(address, OptionalInt.empty()).stream())
                .filter(route -> route.type() != RouteType.LOCAL)
                .findFirst()
                .filter(route -> route.type() == RouteType.UNICAST
                        && route.gateway().isEmpty()
                        && ObservedRoutes.destination(route).equals(destination))
                .ifPresent(route -> route.oif().stream()
                        .boxed()
                        .flatMap(oif -> rtnetlink.link(oif).stream())
                        .filter(link -> link.tunnel().isEmpty())
                        .map(link -> new GuardedDestination(
                                Guard.CONNECTED, destination, link.name(), Optional.of(matched(route))))
                        .forEach(guarded::add));
    }

    /** Addresses within the network of which a node has at most one or two: not its own, and no broadcast address. */
    private static Stream<InetAddress> innerAddresses(IpPrefix network) {
        return Stream.of(neighbour(network.address(), 1), neighbour(network.last(), 1), neighbour(network.last(), 2));
    }

    private static InetAddress neighbour(InetAddress address, int bit) {
        byte[] bytes = address.getAddress();
        bytes[bytes.length - 1] ^= (byte) bit;
        return IpFamily.of(address).ofBytes(bytes);
    }

    private void network(Guard guard, IpPrefix network, List<GuardedDestination> guarded) {
        guarded.add(new GuardedDestination(guard, network, "", leadingTo(network)));
    }

    /** The route that decides for all of the network, without the tunnel's own. */
    private Optional<MatchedRoute> leadingTo(IpPrefix network) {
        AddressFamily family = AddressFamily.of(network.address());
        return rtnetlink
                .routes(
                        RouteFilter.of(family),
                        route -> DECIDING.contains(route.type())
                                && !route.leadsOutOf(own)
                                && ObservedRoutes.destination(route).covers(network))
                .stream()
                .map(GuardedView::matched)
                .filter(route -> priority(route).isPresent())
                .min(Comparator.<MatchedRoute>comparingLong(
                                route -> priority(route).getAsLong())
                        .thenComparing(MatchedRoute::prefixLength, Comparator.reverseOrder())
                        .thenComparingLong(MatchedRoute::metric));
    }

    private OptionalLong priority(MatchedRoute route) {
        if (rules.isEmpty()) {
            return OptionalLong.of(0);
        }
        return rules.stream()
                .filter(rule -> !rule.conditional() && rule.uses(route.table(), route.prefixLength()))
                .mapToLong(RoutingRule::priority)
                .min();
    }

    private static MatchedRoute matched(Route route) {
        return new MatchedRoute(
                route.prefixLength(),
                Integer.toUnsignedLong(route.table()),
                Integer.toUnsignedLong(route.metric().orElse(0)));
    }
}
