package dev.iptunnel.kernel.read;

import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.netlink.route.RouteFilter;
import dev.iptunnel.netlink.route.RouteSelector;
import dev.iptunnel.netlink.route.RouteType;
import dev.iptunnel.observation.NodeLookup.DetourQuery;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.PrefixIndex;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Routes of other programs to addresses within the destinations of tunnels. Other routes, of which a node may have a
 * million, are not kept. These routes say for which addresses the kernel is to be asked; the kernel says which route
 * decides. Not thread-safe.
 */
public final class ForeignRoutes {
    /** Further routes are dropped. */
    static final int MOST_KEPT = 1000;

    /**
     * Of shorter destinations, default routes and halves, only routes to the same destination count: others are meant
     * to differ.
     */
    private static final int SHORTEST = 2;

    private static final Set<RouteType> TYPES = EnumSet.of(
            RouteType.UNICAST,
            RouteType.LOCAL,
            RouteType.BLACKHOLE,
            RouteType.UNREACHABLE,
            RouteType.PROHIBIT,
            RouteType.THROW);

    private final Map<Entry, Route> routes = new HashMap<>();
    private final Set<IpPrefix> followed = new HashSet<>();
    /** The same; each network is its own value. */
    private final PrefixIndex<IpPrefix> networks = new PrefixIndex<>();

    private final Set<IpPrefix> unread = new HashSet<>();

    /** What identifies a route in the kernel, except for routes that were appended. */
    private record Entry(IpPrefix destination, int table, OptionalInt metric, RouteSelector selector) {
        static Entry of(Route route) {
            return new Entry(ObservedRoutes.destination(route), route.table(), route.metric(), route.selector());
        }
    }

    public static Set<IpPrefix> destinations(DetourQuery query) {
        return query.routes().stream().map(InnerRoute::destination).collect(Collectors.toSet());
    }

    /** Whether a route to the other prefix is within this destination of a tunnel. */
    static boolean isWithin(IpPrefix destination, IpPrefix other) {
        return destination.length() < SHORTEST ? destination.equals(other) : destination.covers(other);
    }

    /** Keeps routes within these destinations as well from now on. New destinations are unread. */
    public void follow(Set<IpPrefix> destinations) {
        destinations.stream().filter(followed::add).forEach(destination -> {
            networks.add(destination, destination);
            unread.add(destination);
        });
    }

    /** Keeps routes within this destination no longer. */
    public void unfollow(IpPrefix destination) {
        followed.remove(destination);
        networks.remove(destination, destination);
        unread.remove(destination);
        routes.values().removeIf(route -> !isWanted(route));
    }

    public boolean isUnread() {
        return !unread.isEmpty();
    }

    /** Forgets all routes, since they may have changed. */
    public void forgetAll() {
        routes.clear();
        unread.addAll(followed);
    }

    /** Lists all routes of the families that have unread destinations. */
    public void read(Rtnetlink rtnetlink) {
        Set<AddressFamily> families = unread.stream()
                .map(destination -> AddressFamily.of(destination.address()))
                .collect(Collectors.toSet());
        for (AddressFamily family : families) {
            routes.values().removeIf(route -> route.family() == family);
            rtnetlink.routes(RouteFilter.of(family), this::keep);
        }
        unread.clear();
    }

    /** Keeps the route here if there is room. The list itself keeps none, so it needs little memory. */
    private boolean keep(Route route) {
        if (isWanted(route) && routes.size() < MOST_KEPT) {
            routes.put(Entry.of(route), route);
        }
        return false;
    }

    private boolean isWanted(Route route) {
        if (route.protocol() == ObservedRoutes.PROTOCOL || !TYPES.contains(route.type())) {
            return false;
        }
        IpPrefix destination = ObservedRoutes.destination(route);
        return networks.covering(destination).stream().anyMatch(network -> isWithin(network, destination));
    }

    public void added(Route route) {
        keep(route);
    }

    public void removed(Route route) {
        routes.computeIfPresent(Entry.of(route), (_, known) -> known.oif().equals(route.oif()) ? null : known);
    }

    /**
     * Routes out of the interface may be gone without a notification.
     *
     * @return whether any was known
     */
    public boolean suspect(int ifindex) {
        List<IpPrefix> suspects = routes.values().stream()
                .filter(route -> route.leadsOutOf(ifindex))
                .map(ObservedRoutes::destination)
                .toList();
        followed.stream()
                .filter(destination -> suspects.stream().anyMatch(suspect -> isWithin(destination, suspect)))
                .forEach(unread::add);
        routes.values().removeIf(route -> route.leadsOutOf(ifindex));
        return !suspects.isEmpty();
    }

    public Collection<Route> routes() {
        return routes.values();
    }
}
