package dev.iptunnel.kernel.read;

import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.route.NextHop;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.netlink.route.RouteFilter;
import dev.iptunnel.netlink.route.RouteType;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The ways that the default routes of a node take, with those of halves (0.0.0.0/1 and 128.0.0.0/1, as VPN clients make
 * them). A way that is gone is kept for a while, so that its network stays guarded while an uplink is down. Not
 * thread-safe.
 */
public final class DefaultRoutes {
    /** How long a way counts after it is gone. */
    static final Duration KEPT = Duration.ofMinutes(10);

    /** Halves count as default routes. */
    private static final int LONGEST_PREFIX = 1;

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

    private record Entry(InetAddress destination, int prefixLength, int table, OptionalInt metric) {
        static Entry of(Route route) {
            return new Entry(route.destination(), route.prefixLength(), route.table(), route.metric());
        }
    }

    public static boolean isDefault(Route route) {
        return route.prefixLength() <= LONGEST_PREFIX && route.type() == RouteType.UNICAST;
    }

    /** Reads the ways that the kernel has now. */
    public static Set<Way> read(Rtnetlink rtnetlink) {
        return Arrays.stream(AddressFamily.values())
                .flatMap(family -> rtnetlink.routes(RouteFilter.of(family), DefaultRoutes::isDefault).stream())
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

    /** The interface went down or was deleted, and the kernel does not notify of each route that goes with it. */
    public void down(int ifindex) {
        present.values().forEach(ways -> {
            leave(ways.stream().filter(way -> way.ifindex() == ifindex).toList());
            ways.removeIf(way -> way.ifindex() == ifindex);
        });
        present.values().removeIf(Set::isEmpty);
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
