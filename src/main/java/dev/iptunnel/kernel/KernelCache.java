package dev.iptunnel.kernel;

import dev.iptunnel.kernel.DefaultRoutes.Way;
import dev.iptunnel.netlink.Address;
import dev.iptunnel.netlink.AddressFamily;
import dev.iptunnel.netlink.Link;
import dev.iptunnel.netlink.NextHop;
import dev.iptunnel.netlink.Notification;
import dev.iptunnel.netlink.Notification.AddressAdded;
import dev.iptunnel.netlink.Notification.AddressDeleted;
import dev.iptunnel.netlink.Notification.InetConfChanged;
import dev.iptunnel.netlink.Notification.LinkChanged;
import dev.iptunnel.netlink.Notification.LinkDeleted;
import dev.iptunnel.netlink.Notification.RouteAdded;
import dev.iptunnel.netlink.Notification.RouteDeleted;
import dev.iptunnel.netlink.Notification.RulesChanged;
import dev.iptunnel.netlink.Route;
import dev.iptunnel.netlink.RouteFilter;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelDriver;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A network namespace as the kernel told of it: listed once, then kept by its notifications. What these do not tell in
 * full is forgotten, and read again when it is asked for. It may be behind the kernel by what has not been received yet,
 * and by what is not told at all (of a tunnel that is down; other daemons' routes through a tunnel) until the next {@link
 * #compare}.
 */
final class KernelCache implements KernelReads {
    /** In place of an ifindex, of {@code net.ipv4.conf.all}. */
    private static final int ALL_INTERFACES = -1;

    private final Rtnetlink rtnetlink;
    private final DirectReads kernel;
    private final OuterRoutes outerRoutes;
    private final Map<Integer, CachedInterface> interfaces = new HashMap<>();
    private final Map<String, Integer> indexes = new HashMap<>();
    /** The devices of each driver that are for all remotes. */
    private final Map<Integer, TunnelDriver> forAllRemotes = new TreeMap<>();

    private Optional<OptionalInt> reversePathFilterOfAll = Optional.empty();

    private final Guards guards;
    private final DefaultRoutes defaultRoutes = new DefaultRoutes(System::nanoTime);
    private final RouteFollower follower;
    private Set<InetAddress> followed = Set.of();

    /** Told what {@link Notification}s of routes are needed for. */
    interface RouteFollower {
        /**
         * From now on for these, and no others.
         *
         * @param addresses that the routes lead to
         * @param interfaces that the routes lead out of
         */
        void follow(Set<InetAddress> addresses, Set<Integer> interfaces);
    }

    KernelCache(Rtnetlink rtnetlink, Guards guards, RouteFollower follower) {
        this.rtnetlink = rtnetlink;
        this.kernel = new DirectReads(rtnetlink);
        this.guards = guards;
        this.follower = follower;
        this.outerRoutes = new OuterRoutes(kernel::outerRoute, this::follow);
    }

    private void follow(Set<InetAddress> addresses) {
        followed = addresses;
        follower.follow(followed, Set.copyOf(forAllRemotes.keySet()));
    }

    /** Reads all. To be called when notifications are subscribed to, and when any was lost. */
    synchronized void list() {
        interfaces.clear();
        indexes.clear();
        forAllRemotes.clear();
        reversePathFilterOfAll = Optional.empty();
        rtnetlink.links().forEach(this::put);
        Map<Integer, List<Address>> addresses =
                rtnetlink.addresses().stream().collect(Collectors.groupingBy(Address::ifindex));
        interfaces.forEach((index, known) -> known.addresses(addresses.getOrDefault(index, List.of())));
        Set<Integer> tunnels = tunnels().map(Link::index).collect(Collectors.toSet());
        List<Route> defaults = new ArrayList<>();
        for (AddressFamily family : AddressFamily.values()) {
            List<Route> all = rtnetlink.routes(
                    RouteFilter.of(family),
                    route -> DefaultRoutes.isDefault(route)
                            || interfacesOf(route).anyMatch(tunnels::contains));
            all.stream().filter(DefaultRoutes::isDefault).forEach(defaults::add);
            Map<Integer, List<Route>> routes = byInterface(all);
            interfaces.forEach((index, known) -> {
                if (isTunnel(known.link())) {
                    known.routes(family, routes.getOrDefault(index, List.of()));
                }
            });
        }
        defaultRoutes.list(defaults);
        outerRoutes.forgetAll();
        followGuards();
    }

    /** Has changes told that concern the guards, and all tunnels of ours. */
    synchronized void followGuards() {
        outerRoutes.follow(keptQueries().stream());
        // Nobody else looks these up, and the next comparison would take the first answer for news.
        guards.queries(defaultRoutes.ways()).forEach(outerRoutes::of);
    }

    private Set<OuterQuery> keptQueries() {
        return Stream.concat(ownQueries().stream(), guards.queries(defaultRoutes.ways()))
                .collect(Collectors.toSet());
    }

    /** The ways of the default routes, those too that went a short time ago. */
    synchronized Set<Way> defaultWays() {
        return defaultRoutes.ways();
    }

    private static IntStream interfacesOf(Route route) {
        return IntStream.concat(route.oif().stream(), route.nextHops().stream().mapToInt(NextHop::oif));
    }

    private static Map<Integer, List<Route>> byInterface(Collection<Route> routes) {
        Map<Integer, List<Route>> byInterface = new HashMap<>();
        routes.forEach(route -> interfacesOf(route).distinct().forEach(index -> byInterface
                .computeIfAbsent(index, _ -> new ArrayList<>())
                .add(route)));
        return byInterface;
    }

    private Stream<Link> tunnels() {
        return interfaces.values().stream().map(CachedInterface::link).filter(KernelCache::isTunnel);
    }

    private static boolean isTunnel(Link link) {
        return link.tunnel().isPresent();
    }

    /** Of tunnels with a mark. */
    private Set<OuterQuery> ownQueries() {
        return tunnels()
                .filter(link -> link.alias().flatMap(Mark::parse).isPresent())
                .map(ObservedLinks::of)
                .flatMap(link -> link.tunnel().stream())
                .map(KernelView::query)
                .collect(Collectors.toSet());
    }

    private void put(Link link) {
        CachedInterface known = interfaces.get(link.index());
        if (known == null) {
            interfaces.put(link.index(), new CachedInterface(link));
        } else {
            indexes.remove(known.link().name(), link.index());
            known.link(link);
        }
        indexes.put(link.name(), link.index());
        Optional<TunnelDriver> driver = driverForAllRemotes(link);
        boolean news = !driver.equals(Optional.ofNullable(forAllRemotes.get(link.index())));
        driver.ifPresentOrElse(
                shared -> forAllRemotes.put(link.index(), shared), () -> forAllRemotes.remove(link.index()));
        if (news) {
            follow(followed);
        }
    }

    private static Optional<TunnelDriver> driverForAllRemotes(Link link) {
        return FallbackDevices.isForAllRemotes(link) ? link.kind().flatMap(TunnelDriver::ofKind) : Optional.empty();
    }

    private void remove(CachedInterface known) {
        Link link = known.link();
        interfaces.remove(link.index());
        indexes.remove(link.name(), link.index());
        forAllRemotes.remove(link.index());
        defaultRoutes.down(link.index());
        outerRoutes.forget(link.index());
    }

    @Override
    public synchronized Optional<Link> link(String name) {
        return Optional.ofNullable(indexes.get(name)).flatMap(this::link).filter(link -> link.name()
                .equals(name));
    }

    @Override
    public synchronized Optional<Link> link(int index) {
        CachedInterface known = interfaces.get(index);
        if (known != null && known.linkForgotten()) {
            rtnetlink.link(index).ifPresentOrElse(this::put, () -> remove(known));
        }
        return Optional.ofNullable(interfaces.get(index)).map(CachedInterface::link);
    }

    @Override
    public synchronized List<Link> links(TunnelDriver driver) {
        Optional<String> kind = Optional.of(driver.kind());
        List<Link> lastKnown = interfaces.values().stream()
                .map(CachedInterface::link)
                .filter(link -> link.kind().equals(kind))
                .toList();
        return lastKnown.stream().flatMap(link -> link(link.index()).stream()).toList();
    }

    @Override
    public synchronized List<Link> forAllRemotes(TunnelDriver driver) {
        return forAllRemotes.entrySet().stream()
                .filter(known -> known.getValue() == driver)
                .map(Map.Entry::getKey)
                .toList()
                .stream()
                .flatMap(index -> link(index).stream())
                .toList();
    }

    @Override
    public synchronized List<Address> addresses(int ifindex) {
        CachedInterface known = interfaces.get(ifindex);
        if (known == null) {
            return List.of();
        }
        return known.addresses().orElseGet(() -> known.addresses(kernel.addresses(ifindex)));
    }

    @Override
    public synchronized List<Route> routes(AddressFamily family, int oif) {
        CachedInterface known = interfaces.get(oif);
        if (known == null) {
            return List.of();
        }
        return known.routes(family).orElseGet(() -> known.routes(family, kernel.routes(family, oif)));
    }

    @Override
    public synchronized OuterRoute outerRoute(OuterQuery query) {
        return outerRoutes.of(query);
    }

    @Override
    public synchronized OptionalInt reversePathFilterOfAll() {
        OptionalInt known = reversePathFilterOfAll.orElseGet(rtnetlink::reversePathFilterOfAll);
        reversePathFilterOfAll = Optional.of(known);
        return known;
    }

    /** What was just changed is read again when it is asked for, be there a notification or none. */
    synchronized void forget(String interfaceName) {
        Optional.ofNullable(indexes.get(interfaceName)).map(interfaces::get).ifPresent(CachedInterface::forget);
    }

    /**
     * Takes over what was told.
     *
     * @return who may be concerned
     */
    synchronized List<KernelEvent> apply(Notification notification) {
        return switch (notification) {
            case LinkChanged(var link) -> changed(link);
            case LinkDeleted(var link) -> deleted(link.index());
            case AddressAdded(var address) -> addressChanged(address);
            case AddressDeleted(var address) -> addressChanged(address);
            case RouteAdded(var route) -> {
                defaultRoutes.added(route);
                yield routeChanged(route);
            }
            case RouteDeleted(var route) -> {
                defaultRoutes.removed(route);
                yield routeChanged(route);
            }
            case RulesChanged _ -> rulesChanged();
            case InetConfChanged(var ifindex) -> inetConfChanged(ifindex);
            case Notification.Overrun _ -> {
                list();
                yield List.of(new KernelEvent.EverythingChanged());
            }
            case Notification.Other _ -> List.of();
        };
    }

    private List<KernelEvent> changed(Link link) {
        CachedInterface known = interfaces.get(link.index());
        if (known == null) {
            put(link);
            forgetIfDown(link);
            return events(link);
        }
        Link before = known.link();
        if (!known.linkForgotten() && before.equals(link)) {
            return List.of();
        }
        put(link);
        forgetIfDown(link);
        if (before.up() != link.up()) {
            // Of the addresses and routes that go with it, or come back, not all are told.
            known.forgetNetwork();
            if (!link.up()) {
                defaultRoutes.down(link.index());
            }
        }
        if (before.flags() != link.flags() || !before.master().equals(link.master())) {
            outerRoutes.forget(link.index());
        }
        return Stream.concat(events(before).stream(), events(link).stream())
                .distinct()
                .toList();
    }

    /** Of a device that is down not each change is told (netdev_state_change of net/core/dev.c), so none is relied on. */
    private void forgetIfDown(Link link) {
        if (isTunnel(link) && !link.up()) {
            forget(link.name());
        }
    }

    private List<KernelEvent> deleted(int index) {
        CachedInterface known = interfaces.get(index);
        if (known == null) {
            return List.of();
        }
        remove(known);
        return events(known.link());
    }

    private static KernelEvent event(Link link) {
        return new KernelEvent.LinkChanged(link.name(), isTunnel(link));
    }

    private static List<KernelEvent> events(Link link) {
        return driverForAllRemotes(link)
                .map(driver -> List.of(event(link), new KernelEvent.FallbackChanged(driver)))
                .orElseGet(() -> List.of(event(link)));
    }

    /** The last IPv4 address takes the interface's routes along, and is all that is told of it. */
    private List<KernelEvent> addressChanged(Address address) {
        CachedInterface known = interfaces.get(address.ifindex());
        if (known == null) {
            return List.of();
        }
        known.forgetNetwork();
        outerRoutes.forget(address.ifindex());
        if (isTunnel(known.link())) {
            // The addresses going is all that is told of IPv6 being disabled.
            known.forgetLink();
        }
        return events(known.link());
    }

    private List<KernelEvent> routeChanged(Route route) {
        Set<KernelEvent> events = new LinkedHashSet<>();
        IpPrefix destination = ObservedLinks.destination(route);
        if (outerRoutes.forget(destination)) {
            events.add(new KernelEvent.RouteChanged(destination));
        }
        Set<Integer> concerned = interfacesOf(route).boxed().collect(Collectors.toCollection(HashSet::new));
        // A route that replaces another is all that is told of either.
        interfaces.forEach((index, known) -> {
            if (known.hasRouteLike(route)) {
                concerned.add(index);
            }
        });
        concerned.stream()
                .map(interfaces::get)
                .filter(known -> known != null && isTunnel(known.link()))
                .forEach(known -> {
                    known.forgetRoutes();
                    events.addAll(events(known.link()));
                });
        if (DefaultRoutes.isDefault(route)) {
            followGuards();
        }
        return List.copyOf(events);
    }

    private List<KernelEvent> rulesChanged() {
        outerRoutes.forgetAll();
        return Stream.of(IpFamily.values())
                .<KernelEvent>map(family -> new KernelEvent.RouteChanged(new IpPrefix(family.any(), 0)))
                .toList();
    }

    private List<KernelEvent> inetConfChanged(int ifindex) {
        if (ifindex == ALL_INTERFACES) {
            return settingsOfAllChanged();
        }
        CachedInterface known = interfaces.get(ifindex);
        if (known == null || !isTunnel(known.link())) {
            return List.of();
        }
        known.forgetLink();
        return List.of(event(known.link()));
    }

    /** They are read again only where a tunnel was looked at with them. */
    private List<KernelEvent> settingsOfAllChanged() {
        Optional<OptionalInt> before = reversePathFilterOfAll;
        reversePathFilterOfAll = Optional.empty();
        return before.filter(known -> !known.equals(reversePathFilterOfAll())).isPresent()
                ? List.of(new KernelEvent.EverythingChanged())
                : List.of();
    }

    /**
     * Reads all again, so that nothing that was not told stays unseen; of routes ours and those of addresses.
     *
     * @return who may be concerned by what was missed
     */
    synchronized List<KernelEvent> compare() {
        Set<KernelEvent> events = new LinkedHashSet<>();
        List<Link> links = rtnetlink.links();
        Set<Integer> present = links.stream().map(Link::index).collect(Collectors.toSet());
        List.copyOf(interfaces.keySet()).stream()
                .filter(index -> !present.contains(index))
                .forEach(index -> events.addAll(deleted(index)));
        links.stream().filter(this::isNews).forEach(link -> events.addAll(changed(link)));
        compareAddresses(events);
        compareRoutes(events);
        compareFallbacks(events);
        events.addAll(settingsOfAllChanged());
        outerRoutes.changed(keptQueries()).stream()
                .map(query -> query.remote().isAnyLocalAddress() ? query.local() : query.remote())
                .forEach(address -> events.add(new KernelEvent.RouteChanged(
                        new IpPrefix(address, IpFamily.of(address).bits()))));
        return List.copyOf(events);
    }

    /** Of their routes not all are told: not those of several ways. */
    private void compareFallbacks(Set<KernelEvent> events) {
        List.copyOf(forAllRemotes.keySet()).stream()
                .flatMap(index -> Stream.ofNullable(interfaces.get(index)))
                .filter(known -> known.link().up())
                .forEach(known -> {
                    for (AddressFamily family : AddressFamily.values()) {
                        List<Route> now = kernel.routes(family, known.link().index());
                        if (known.routes(family)
                                .filter(before -> !before.equals(now))
                                .isPresent()) {
                            events.addAll(events(known.link()));
                        }
                        known.routes(family, now);
                    }
                });
    }

    private boolean isNews(Link link) {
        CachedInterface known = interfaces.get(link.index());
        return known == null || !known.link().equals(link);
    }

    private void compareAddresses(Set<KernelEvent> events) {
        Map<Integer, List<Address>> addresses =
                rtnetlink.addresses().stream().collect(Collectors.groupingBy(Address::ifindex));
        interfaces.forEach((index, known) -> {
            List<Address> now = addresses.getOrDefault(index, List.of());
            if (known.addresses().filter(before -> !before.equals(now)).isPresent()) {
                events.add(event(known.link()));
                known.addresses(now);
            }
        });
    }

    private void compareRoutes(Set<KernelEvent> events) {
        for (AddressFamily family : AddressFamily.values()) {
            Map<Integer, List<Route>> followed = followedRoutes(family);
            interfaces.forEach((index, known) -> {
                Set<Route> now = Set.copyOf(followed.getOrDefault(index, List.of()));
                if (known.followedRoutes(family)
                        .filter(before -> !before.equals(now))
                        .isPresent()) {
                    events.add(event(known.link()));
                    known.forgetRoutes();
                }
            });
        }
    }

    private Map<Integer, List<Route>> followedRoutes(AddressFamily family) {
        Set<Integer> tunnels = tunnels().map(Link::index).collect(Collectors.toSet());
        return byInterface(IntStream.of(ObservedLinks.PROTOCOL, ObservedLinks.KERNEL_PROTOCOL)
                .mapToObj(protocol -> RouteFilter.of(family).withProtocol(protocol))
                .flatMap(filter ->
                        rtnetlink.routes(filter, route -> interfacesOf(route).anyMatch(tunnels::contains)).stream())
                .toList());
    }
}
