package dev.iptunnel.kernel;

import dev.iptunnel.netlink.AddressFamily;
import dev.iptunnel.netlink.Link;
import dev.iptunnel.netlink.Route;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.Observation;
import dev.iptunnel.tunnel.ObservedLink;
import dev.iptunnel.tunnel.Surroundings;
import dev.iptunnel.tunnel.Surroundings.Guard;
import dev.iptunnel.tunnel.Surroundings.GuardedDestination;
import dev.iptunnel.tunnel.Surroundings.MatchedRoute;
import dev.iptunnel.tunnel.Surroundings.RoutingRule;
import dev.iptunnel.tunnel.TunnelParameters;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Reads by rtnetlink what else is on the node that a tunnel meets when it is made or changed. */
final class SurroundingsView {
    /** Addresses that no route is for but a default one: 240.0.0.0/4 is reserved, 100::/64 is discarded (RFC 6666). */
    private static final InetAddress ANYWHERE4 = IpFamily.IPV4.parse("240.0.0.1");

    private static final InetAddress ANYWHERE6 = IpFamily.IPV6.parse("100::1");

    private final Rtnetlink rtnetlink;
    private final List<InetAddress> apiServer;

    /** @param apiServer the addresses that the API server is reached by */
    SurroundingsView(Rtnetlink rtnetlink, List<InetAddress> apiServer) {
        this.rtnetlink = rtnetlink;
        this.apiServer = List.copyOf(apiServer);
    }

    Surroundings observe(DesiredTunnel desired, TunnelParameters wanted, Observation links) {
        List<Link> sameDriver = rtnetlink.links(wanted.driver().kind());
        IpFamily inner = desired.mode().inner();
        return new Surroundings(
                holder(sameDriver, wanted, links),
                wanted.remote().isAnyLocalAddress()
                        ? List.of()
                        : FallbackUsers.of(rtnetlink, sameDriver, wanted.remote()),
                guarded(desired, inner, links),
                rtnetlink.rules(inner == IpFamily.IPV4 ? AddressFamily.IPV4 : AddressFamily.IPV6).stream()
                        .map(rule -> new RoutingRule(
                                Integer.toUnsignedLong(rule.priority()),
                                Integer.toUnsignedLong(rule.table()),
                                rule.selective()))
                        .toList());
    }

    /** A tunnel that was moved here from another network namespace holds its endpoints there. */
    private static Optional<ObservedLink> holder(List<Link> links, TunnelParameters wanted, Observation observed) {
        return links.stream()
                .filter(link -> link.linkNetnsid().isEmpty())
                .map(ObservedLinks::of)
                .filter(link -> !isOwn(link, observed))
                .filter(link -> link.tunnel().map(TunnelParameters::endpoints).equals(Optional.of(wanted.endpoints())))
                .findFirst();
    }

    private static boolean isOwn(ObservedLink link, Observation observed) {
        return Stream.concat(observed.named().stream(), observed.strays().stream())
                .anyMatch(own -> own.index() == link.index());
    }

    private List<GuardedDestination> guarded(DesiredTunnel desired, IpFamily inner, Observation observed) {
        List<GuardedDestination> guarded = new ArrayList<>();
        if (desired.parent().isEmpty()
                && !desired.remote().isAnyLocalAddress()
                && desired.mode().outer() == inner) {
            guarded.addAll(guarded(Guard.REMOTE, desired.remote(), observed));
        }
        apiServer.stream()
                .filter(address -> IpFamily.of(address) == inner)
                .forEach(address -> guarded.addAll(guarded(Guard.API_SERVER, address, observed)));
        rtnetlink
                .matchedRoute(inner == IpFamily.IPV4 ? ANYWHERE4 : ANYWHERE6, OptionalInt.empty())
                .filter(route -> route.prefixLength() == 0)
                .flatMap(Route::gateway)
                .filter(gateway -> IpFamily.of(gateway) == inner && !gateway.isLinkLocalAddress())
                .ifPresent(gateway -> guarded.addAll(guarded(Guard.DEFAULT_GATEWAY, gateway, observed)));
        return guarded;
    }

    /** None where the tunnel has it already. */
    private List<GuardedDestination> guarded(Guard guard, InetAddress address, Observation observed) {
        Optional<Route> route = rtnetlink.matchedRoute(address, OptionalInt.empty());
        boolean inTunnel = observed.named()
                .filter(link -> route.filter(found -> found.oif().equals(OptionalInt.of(link.index())))
                        .isPresent())
                .isPresent();
        return inTunnel
                ? List.of()
                : List.of(new GuardedDestination(
                        guard,
                        address,
                        route.map(found -> new MatchedRoute(
                                found.prefixLength(),
                                Integer.toUnsignedLong(found.table()),
                                Integer.toUnsignedLong(found.metric().orElse(0))))));
    }
}
