package dev.iptunnel.kernel;

import dev.iptunnel.netlink.Address;
import dev.iptunnel.netlink.AddressFamily;
import dev.iptunnel.netlink.Link;
import dev.iptunnel.netlink.Route;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What is known of one interface. Not thread-safe. */
final class CachedInterface {
    private final Map<AddressFamily, List<Route>> routes = new EnumMap<>(AddressFamily.class);
    private Link link;
    private boolean linkForgotten;
    private Optional<List<Address>> addresses = Optional.empty();

    CachedInterface(Link link) {
        this.link = link;
    }

    /** The last that was known, forgotten or not. */
    Link link() {
        return link;
    }

    boolean linkForgotten() {
        return linkForgotten;
    }

    void link(Link now) {
        link = now;
        linkForgotten = false;
    }

    Optional<List<Address>> addresses() {
        return addresses;
    }

    List<Address> addresses(List<Address> now) {
        addresses = Optional.of(now);
        return now;
    }

    Optional<List<Route>> routes(AddressFamily family) {
        return Optional.ofNullable(routes.get(family));
    }

    List<Route> routes(AddressFamily family, List<Route> now) {
        routes.put(family, now);
        return now;
    }

    /** Ours, and those that the addresses brought along. */
    Optional<Set<Route>> followedRoutes(AddressFamily family) {
        return routes(family)
                .map(known -> known.stream().filter(CachedInterface::isFollowed).collect(Collectors.toSet()));
    }

    static boolean isFollowed(Route route) {
        return route.protocol() == ObservedLinks.PROTOCOL || route.protocol() == ObservedLinks.KERNEL_PROTOCOL;
    }

    /** A followed one to the same destination in the same table. */
    boolean hasRouteLike(Route other) {
        return followedRoutes(other.family()).stream()
                .flatMap(Set::stream)
                .anyMatch(route -> route.table() == other.table()
                        && ObservedLinks.destination(route).equals(ObservedLinks.destination(other)));
    }

    void forget() {
        forgetLink();
        forgetNetwork();
    }

    void forgetLink() {
        linkForgotten = true;
    }

    /** The addresses, and the routes, that change with them. */
    void forgetNetwork() {
        addresses = Optional.empty();
        forgetRoutes();
    }

    void forgetRoutes() {
        routes.clear();
    }
}
