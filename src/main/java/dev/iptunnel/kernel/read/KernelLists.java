package dev.iptunnel.kernel.read;

import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.route.Address;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.netlink.route.RouteFilter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Lists of all interfaces of a network namespace.
 *
 * @param addresses by ifindex
 * @param routes out of tunnels, by family and ifindex
 * @param defaults default routes; none in a list of {@link #followed} routes
 */
public record KernelLists(
        List<Link> links,
        Map<Integer, List<Address>> addresses,
        Map<AddressFamily, Map<Integer, List<Route>>> routes,
        List<Route> defaults) {

    /** Lists the routes of all programs. */
    public static KernelLists all(Rtnetlink rtnetlink) {
        List<Link> links = rtnetlink.links();
        Set<Integer> tunnels = tunnels(links);
        List<Route> defaults = new ArrayList<>();
        return new KernelLists(
                links,
                addressesByInterface(rtnetlink),
                byFamily(family -> {
                    List<Route> all = rtnetlink.routes(
                            RouteFilter.of(family), route -> DefaultRoutes.isDefault(route) || isOf(tunnels, route));
                    all.stream().filter(DefaultRoutes::isDefault).forEach(defaults::add);
                    return byInterface(all);
                }),
                defaults);
    }

    /**
     * Lists only the routes that are followed: out of tunnels, our routes and those of addresses; out of devices for
     * all remotes, all routes, since the socket filter does not find those with several next hops.
     */
    public static KernelLists followed(Rtnetlink rtnetlink) {
        List<Link> links = rtnetlink.links();
        Set<Integer> tunnels = tunnels(links);
        DirectReads kernel = new DirectReads(rtnetlink);
        return new KernelLists(
                links,
                addressesByInterface(rtnetlink),
                byFamily(family -> {
                    Map<Integer, List<Route>> routes =
                            byInterface(IntStream.of(ObservedRoutes.PROTOCOL, ObservedRoutes.KERNEL_PROTOCOL)
                                    .mapToObj(protocol -> RouteFilter.of(family).withProtocol(protocol))
                                    .flatMap(filter -> rtnetlink.routes(filter, route -> isOf(tunnels, route)).stream())
                                    .toList());
                    links.stream()
                            .filter(link -> link.up() && FallbackDevices.isForAllRemotes(link))
                            .forEach(link -> routes.put(link.index(), kernel.routes(family, link.index())));
                    return routes;
                }),
                List.of());
    }

    private static Set<Integer> tunnels(List<Link> links) {
        return links.stream()
                .filter(link -> link.tunnel().isPresent())
                .map(Link::index)
                .collect(Collectors.toSet());
    }

    private static boolean isOf(Set<Integer> interfaces, Route route) {
        return route.interfaces().anyMatch(interfaces::contains);
    }

    private static Map<Integer, List<Address>> addressesByInterface(Rtnetlink rtnetlink) {
        return rtnetlink.addresses().stream().collect(Collectors.groupingBy(Address::ifindex));
    }

    private static Map<AddressFamily, Map<Integer, List<Route>>> byFamily(
            Function<AddressFamily, Map<Integer, List<Route>>> routes) {
        Map<AddressFamily, Map<Integer, List<Route>>> byFamily = new EnumMap<>(AddressFamily.class);
        for (AddressFamily family : AddressFamily.values()) {
            byFamily.put(family, routes.apply(family));
        }
        return byFamily;
    }

    private static Map<Integer, List<Route>> byInterface(Collection<Route> routes) {
        Map<Integer, List<Route>> byInterface = new HashMap<>();
        routes.forEach(route -> route.interfaces().distinct().forEach(index -> byInterface
                .computeIfAbsent(index, _ -> new ArrayList<>())
                .add(route)));
        return byInterface;
    }

    public List<Address> addressesOf(Link link) {
        return addresses.getOrDefault(link.index(), List.of());
    }
}
