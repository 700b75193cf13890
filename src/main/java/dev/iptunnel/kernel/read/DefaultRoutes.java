package dev.iptunnel.kernel.read;

import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.route.NextHop;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.netlink.route.RouteFilter;
import dev.iptunnel.netlink.route.RouteType;
import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The ways that the default routes of a node take. Parts of a default route count as well, to {@code /7}: providers
 * announce 2000::/3, and VPN clients make halves and quarters. A way that is gone is kept for a while, so that its network
 * stays guarded while an uplink is down. Not thread-safe.
 */
public final class DefaultRoutes {
    /** How long a way counts after it is gone. */
    static final Duration KEPT = Duration.ofMinutes(10);

    private static final int LONGEST_PREFIX = 7;

    /** Of 224.0.0.0/4. */
    private static final int MULTICAST_PREFIX = 4;

    private final LongSupplier nanoTime;
    private final Map<Entry, Set<Way>> present = new HashMap<>();
    private final Map<Way, Long> left = new HashMap<>();

    public DefaultRoutes(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * One way by which packets leave the node.
     *
     * @param gateway of either family; absent where every destination is on the link
     */
    public record Way(int table, int ifindex, Optional<InetAddress> gateway) {}

    private record Entry(IpPrefix destination, int table, OptionalInt metric, int protocol) {
        static Entry of(Route route) {
            return new Entry(ObservedRoutes.destination(route), route.table(), route.metric(), route.protocol());
        }

        /** Has the kernel find it among those out of the interface. */
        RouteFilter filter(int ifindex) {
            return defaults(AddressFamily.of(destination.address()))
                    .withProtocol(protocol)
                    .withOif(ifindex);
        }
    }

    public static boolean isDefault(Route route) {
        return route.prefixLength() <= LONGEST_PREFIX
                && route.type() == RouteType.UNICAST
                && !(route.prefixLength() >= MULTICAST_PREFIX
                        && route.destination().isMulticastAddress());
    }

    private static RouteFilter defaults(AddressFamily family) {
        return RouteFilter.of(family).withPrefixUpTo(LONGEST_PREFIX);
    }

    /** Reads the ways that the kernel has now. */
    public static Set<Way> read(Rtnetlink rtnetlink) {
        return Arrays.stream(AddressFamily.values())
                .flatMap(family -> rtnetlink.routes(defaults(family), DefaultRoutes::isDefault).stream())
                .flatMap(DefaultRoutes::waysOf)
                .collect(Collectors.toSet());
    }

    private static Stream<Way> waysOf(Route route) {
        return Stream.concat(
                route.oif().stream().mapToObj(oif -> new Way(route.table(), oif, route.gateway())),
                route.nextHops().stream().map(hop -> way(route, hop)));
    }

    private static Way way(Route route, NextHop hop) {
        return new Way(route.table(), hop.oif(), hop.gateway());
    }

    /** Replaces all routes by those of a list. */
    public void list(Collection<Route> routes) {
        leave(present.values().stream().flatMap(Set::stream).toList());
        present.clear();
        routes.forEach(this::added);
    }

    public void added(Route route) {
        if (isDefault(route)) {
            present.computeIfAbsent(Entry.of(route), _ -> new HashSet<>())
                    .addAll(waysOf(route).toList());
        }
    }

    public void removed(Route route) {
        if (isDefault(route)) {
            Set<Way> gone = waysOf(route).collect(Collectors.toSet());
            leave(gone);
            present.computeIfPresent(Entry.of(route), (_, ways) -> {
                ways.removeAll(gone);
                return ways.isEmpty() ? null : ways;
            });
        }
    }

    /** The interface was deleted, and the kernel does not notify of each route that goes with it. */
    public void gone(int ifindex) {
        present.values().forEach(ways -> {
            leave(ways.stream().filter(way -> way.ifindex() == ifindex).toList());
            ways.removeIf(way -> way.ifindex() == ifindex);
        });
        present.values().removeIf(Set::isEmpty);
    }

    /** Its ways do not count any more, not even for a while. */
    public void forget(int ifindex) {
        left.keySet().removeIf(way -> way.ifindex() == ifindex);
    }

    /** The interfaces out of which ways lead that exist, as far as it is known. */
    public Set<Integer> interfaces() {
        return interfaces(_ -> true);
    }

    /** The same, of the routes that the route may have replaced. */
    public Set<Integer> replacedBy(Route route) {
        IpPrefix destination = ObservedRoutes.destination(route);
        return interfaces(
                entry -> entry.table() == route.table() && entry.destination().equals(destination));
    }

    private Set<Integer> interfaces(Predicate<Entry> which) {
        return present.entrySet().stream()
                .filter(entry -> which.test(entry.getKey()))
                .flatMap(entry -> entry.getValue().stream())
                .map(Way::ifindex)
                .collect(Collectors.toSet());
    }

    /**
     * Reads again which ways out of the interfaces the known routes have. Where that fails, nothing changes.
     *
     * @return the destinations whose ways changed
     */
    public Set<IpPrefix> reread(Rtnetlink rtnetlink, Set<Integer> interfaces) {
        Map<RouteFilter, List<Route>> lists = new HashMap<>();
        present.forEach((entry, ways) -> ways.stream()
                .map(Way::ifindex)
                .filter(interfaces::contains)
                .map(entry::filter)
                .forEach(filter ->
                        lists.computeIfAbsent(filter, _ -> rtnetlink.routes(filter, DefaultRoutes::isDefault))));
        Set<IpPrefix> changed = new HashSet<>();
        lists.forEach((filter, routes) -> changed.addAll(replace(filter, routes)));
        return changed;
    }

    private Set<IpPrefix> replace(RouteFilter filter, List<Route> routes) {
        Map<Entry, Set<Way>> now = new HashMap<>();
        present.keySet().stream()
                .filter(entry -> filter.oif().stream().mapToObj(entry::filter).anyMatch(filter::equals))
                .forEach(entry -> now.put(entry, new HashSet<>()));
        routes.forEach(route -> now.computeIfAbsent(Entry.of(route), _ -> new HashSet<>())
                .addAll(waysOf(route).filter(way -> isOutOf(filter, way)).toList()));
        return now.entrySet().stream()
                .filter(entry -> replace(filter, entry.getKey(), entry.getValue()))
                .map(entry -> entry.getKey().destination())
                .collect(Collectors.toSet());
    }

    private boolean replace(RouteFilter filter, Entry entry, Set<Way> now) {
        Set<Way> ways = present.getOrDefault(entry, Set.of());
        Set<Way> before = ways.stream().filter(way -> isOutOf(filter, way)).collect(Collectors.toSet());
        if (before.equals(now)) {
            return false;
        }
        leave(before.stream().filter(way -> !now.contains(way)).toList());
        Set<Way> all = Stream.concat(ways.stream().filter(way -> !before.contains(way)), now.stream())
                .collect(Collectors.toCollection(HashSet::new));
        if (all.isEmpty()) {
            present.remove(entry);
        } else {
            present.put(entry, all);
        }
        return true;
    }

    private static boolean isOutOf(RouteFilter filter, Way way) {
        return filter.oif().equals(OptionalInt.of(way.ifindex()));
    }

    private void leave(Collection<Way> ways) {
        ways.forEach(way -> left.put(way, nanoTime.getAsLong()));
    }

    /** The ways that exist, and those that are gone since a short time. */
    public Set<Way> ways() {
        long now = nanoTime.getAsLong();
        left.values().removeIf(since -> now - since > KEPT.toNanos());
        Set<Way> ways = new HashSet<>(left.keySet());
        present.values().forEach(ways::addAll);
        return ways;
    }
}
