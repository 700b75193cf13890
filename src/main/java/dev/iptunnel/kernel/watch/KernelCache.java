package dev.iptunnel.kernel.watch;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.kernel.KernelEvent;
import dev.iptunnel.kernel.read.DefaultRoutes;
import dev.iptunnel.kernel.read.DefaultRoutes.Way;
import dev.iptunnel.kernel.read.DirectReads;
import dev.iptunnel.kernel.read.Guards;
import dev.iptunnel.kernel.read.KernelLists;
import dev.iptunnel.kernel.read.KernelReads;
import dev.iptunnel.kernel.read.ObservedLinks;
import dev.iptunnel.kernel.read.ObservedRoutes;
import dev.iptunnel.netlink.Notification;
import dev.iptunnel.netlink.Notification.AddressAdded;
import dev.iptunnel.netlink.Notification.AddressDeleted;
import dev.iptunnel.netlink.Notification.InetConfChanged;
import dev.iptunnel.netlink.Notification.LinkChanged;
import dev.iptunnel.netlink.Notification.LinkDeleted;
import dev.iptunnel.netlink.Notification.LinkMentioned;
import dev.iptunnel.netlink.Notification.RouteAdded;
import dev.iptunnel.netlink.Notification.RouteDeleted;
import dev.iptunnel.netlink.Notification.RulesChanged;
import dev.iptunnel.netlink.Notification.Undecodable;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.netlink.route.Address;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.observation.Detour;
import dev.iptunnel.observation.NodeLookup.DetourQuery;
import dev.iptunnel.observation.NodeLookup.OuterQuery;
import dev.iptunnel.observation.NodeLookup.OuterRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelDriver;
import java.net.InetAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A network namespace as the kernel told of it: listed once, then kept by its notifications. What these do not tell in
 * full is forgotten, and read again when it is asked for. It may be behind the kernel by what has not been received yet,
 * and by what is not told at all (of a tunnel that is down; other daemons' routes through a tunnel) until the next {@link
 * #compare}.
 *
 * <p>Whoever is concerned by a change is told of it by an event, also where it was read before its notification came: what
 * was told last is kept apart from what was read last.
 */
public final class KernelCache implements KernelReads {
    /** In place of an ifindex, of {@code net.ipv4.conf.all}. */
    private static final int ALL_INTERFACES = -1;

    private final Rtnetlink rtnetlink;
    private final DirectReads kernel;
    private final Guards guards;
    private final RouteFollower follower;
    private final OuterRoutes outerRoutes;
    private final CachedInterfaces interfaces = new CachedInterfaces();
    private final DefaultRoutes defaultRoutes = new DefaultRoutes(System::nanoTime);
    private final CachedDetours detours;
    private final CacheChanges changes;
    /** Empty where no tunnel was looked at with it. */
    private Optional<OptionalInt> reversePathFilterOfAll = Optional.empty();

    private Set<InetAddress> followedAddresses = Set.of();
    private Set<Integer> followedInterfaces = Set.of();

    /** Told what {@link Notification}s of routes are needed for. */
    public interface RouteFollower {
        /**
         * From now on for these, and no others.
         *
         * @param addresses that the routes lead to
         * @param interfaces that the routes lead out of
         * @param networks that the routes lead to a part of, or more
         */
        void follow(Set<InetAddress> addresses, Set<Integer> interfaces, Set<IpPrefix> networks);
    }

    public KernelCache(Rtnetlink rtnetlink, Guards guards, RouteFollower follower) {
        this.rtnetlink = rtnetlink;
        this.kernel = new DirectReads(rtnetlink);
        this.guards = guards;
        this.follower = follower;
        this.outerRoutes = new OuterRoutes(kernel::outerRoute, this::follow);
        this.detours = new CachedDetours(rtnetlink, this, () -> follow(followedAddresses), System::nanoTime);
        this.changes = new CacheChanges(rtnetlink, interfaces, outerRoutes, defaultRoutes);
    }

    private void follow(Set<InetAddress> addresses) {
        Set<Integer> forAllRemotes = interfaces.forAllRemotes();
        follower.follow(addresses, forAllRemotes, detours.followed());
        followedAddresses = addresses;
        followedInterfaces = forAllRemotes;
    }

    /** Once a device for all remotes came, or went. */
    private void followInterfaces() {
        if (!interfaces.forAllRemotes().equals(followedInterfaces)) {
            follow(followedAddresses);
        }
    }

    /** Reads all. To be called when notifications are subscribed to, and when any was lost. */
    public synchronized void list() {
        KernelLists lists = KernelLists.all(rtnetlink);
        interfaces.clear();
        reversePathFilterOfAll = Optional.empty();
        for (Link link : lists.links()) {
            CachedInterface known = interfaces.add(link);
            known.read(lists.addressesOf(link));
            if (known.isTunnel()) {
                lists.routes()
                        .forEach((family, routes) -> known.read(family, routes.getOrDefault(link.index(), List.of())));
            }
        }
        defaultRoutes.list(lists.defaults());
        outerRoutes.forgetAll();
        detours.forgetRoutes();
        followInterfaces();
        followGuards();
    }

    /** Has changes told that concern the guards, and all tunnels of ours. */
    public synchronized void followGuards() {
        outerRoutes.follow(keptQueries().stream());
        // Nobody else looks these up, and the next comparison would take the first answer for news.
        guards.queries(defaultRoutes.ways()).forEach(outerRoutes::of);
    }

    private Set<OuterQuery> keptQueries() {
        return Stream.concat(ownQueries(), guards.queries(defaultRoutes.ways())).collect(Collectors.toSet());
    }

    /** Of tunnels with a mark. */
    private Stream<OuterQuery> ownQueries() {
        return interfaces.all().stream()
                .map(CachedInterface::link)
                .filter(link -> link.alias().flatMap(Mark::parse).isPresent())
                .map(ObservedLinks::of)
                .flatMap(link -> link.tunnel().stream())
                .map(OuterQuery::of);
    }

    /** The ways of the default routes, those too that went a short time ago. */
    public synchronized Set<Way> defaultWays() {
        return defaultRoutes.ways();
    }

    /** By its name, or an alternative one. */
    @Override
    public synchronized Optional<Link> link(String name) {
        return interfaces.named(name).stream()
                .flatMap(known -> current(known).stream())
                .filter(link -> link.isNamed(name))
                .findFirst();
    }

    @Override
    public synchronized Optional<Link> link(int index) {
        return interfaces.of(index).flatMap(this::current);
    }

    private Optional<Link> current(CachedInterface known) {
        if (known.linkForgotten()) {
            rtnetlink.link(known.link().index()).ifPresentOrElse(now -> interfaces.read(known, now), known::readAsGone);
            followInterfaces();
        }
        return known.gone() ? Optional.empty() : Optional.of(known.link());
    }

    /** One that cannot be decoded hides none of the others. */
    private Optional<Link> currentOrLast(CachedInterface known) {
        try {
            return current(known);
        } catch (NetlinkException e) {
            if (e.errno().equals(Errno.EBADMSG)) {
                return Optional.of(known.link());
            }
            throw e;
        }
    }

    @Override
    public synchronized List<Link> links(TunnelDriver driver) {
        Optional<String> kind = Optional.of(driver.kind());
        return interfaces.all().stream()
                .filter(known -> known.link().kind().equals(kind))
                .flatMap(known -> currentOrLast(known).stream())
                .toList();
    }

    @Override
    public synchronized List<Link> forAllRemotes(TunnelDriver driver) {
        return interfaces.forAllRemotes(driver).stream()
                .flatMap(known -> currentOrLast(known).stream())
                .toList();
    }

    @Override
    public synchronized List<Address> addresses(int ifindex) {
        return interfaces
                .of(ifindex)
                .map(known -> known.addresses().orElseGet(() -> known.read(kernel.addresses(ifindex))))
                .orElse(List.of());
    }

    @Override
    public synchronized List<Route> routes(AddressFamily family, int oif) {
        return interfaces
                .of(oif)
                .map(known -> known.routes(family).orElseGet(() -> known.read(family, kernel.routes(family, oif))))
                .orElse(List.of());
    }

    @Override
    public synchronized OuterRoute outerRoute(OuterQuery query) {
        return outerRoutes.of(query);
    }

    @Override
    public synchronized List<Detour> detours(DetourQuery query) {
        return detours.of(query);
    }

    @Override
    public synchronized OptionalInt reversePathFilterOfAll() {
        OptionalInt known = reversePathFilterOfAll.orElseGet(rtnetlink::reversePathFilterOfAll);
        reversePathFilterOfAll = Optional.of(known);
        return known;
    }

    /** What was just changed is read again when it is asked for, be there a notification or none. */
    public synchronized void forget(String interfaceName) {
        interfaces.named(interfaceName).forEach(known -> {
            known.forget();
            detours.forget(known.link().index());
        });
    }

    /**
     * Takes over what was told.
     *
     * @return who may be concerned
     */
    synchronized List<KernelEvent> apply(Notification notification) {
        List<KernelEvent> concerned =
                switch (notification) {
                    case LinkChanged(var link) ->
                        link.up() ? changes.changed(link) : withDetours(changes.changed(link), link.index());
                    case LinkMentioned(var part) -> changes.mentioned(part);
                    case LinkDeleted(var index) -> deleted(index);
                    case AddressAdded(var address) -> changes.changed(address);
                    case AddressDeleted(var address) -> withDetours(changes.changed(address), address.ifindex());
                    case RouteAdded(var route) -> {
                        defaultRoutes.added(route);
                        yield changed(route, detours.added(route));
                    }
                    case RouteDeleted(var route) -> {
                        defaultRoutes.removed(route);
                        yield changed(route, detours.removed(route));
                    }
                    case RulesChanged _ -> rulesChanged();
                    case InetConfChanged(var ifindex) -> inetConfChanged(ifindex);
                    case Undecodable(var _, var ifindex, var _) -> somethingChanged(ifindex);
                    case Notification.Overrun _ -> {
                        list();
                        yield List.of(new KernelEvent.EverythingChanged());
                    }
                    case Notification.Other _ -> List.of();
                };
        followInterfaces();
        return concerned;
    }

    private List<KernelEvent> deleted(int ifindex) {
        detours.gone(ifindex);
        return withDetours(changes.deleted(ifindex), ifindex);
    }

    /** Of the routes that go with an interface or an address not each is told. */
    private List<KernelEvent> withDetours(List<KernelEvent> others, int ifindex) {
        return with(others, tunnels(detours.suspect(ifindex)));
    }

    private List<KernelEvent> tunnels(Set<Integer> indexes) {
        return indexes.stream()
                .flatMap(index -> interfaces.of(index).stream())
                .flatMap(known -> CacheChanges.events(known).stream())
                .toList();
    }

    private static List<KernelEvent> with(List<KernelEvent> some, List<KernelEvent> others) {
        return Stream.concat(some.stream(), others.stream()).distinct().toList();
    }

    private List<KernelEvent> changed(Route route, boolean concernsDetours) {
        List<KernelEvent> events = with(
                changes.changed(route),
                concernsDetours ? List.of(new KernelEvent.RouteChanged(ObservedRoutes.destination(route))) : List.of());
        if (DefaultRoutes.isDefault(route)) {
            followGuards();
        }
        return events;
    }

    private List<KernelEvent> rulesChanged() {
        outerRoutes.forgetAll();
        detours.forgetAll();
        return Stream.of(IpFamily.values())
                .<KernelEvent>map(family -> new KernelEvent.RouteChanged(new IpPrefix(family.any(), 0)))
                .toList();
    }

    private List<KernelEvent> inetConfChanged(int ifindex) {
        if (ifindex == ALL_INTERFACES) {
            return settingsOfAllChanged();
        }
        Optional<CachedInterface> tunnel = interfaces.of(ifindex).filter(CachedInterface::isTunnel);
        tunnel.ifPresent(CachedInterface::forgetLink);
        return tunnel.map(CacheChanges::events).orElse(List.of());
    }

    /** They are read again only where a tunnel was looked at with them. */
    private List<KernelEvent> settingsOfAllChanged() {
        Optional<OptionalInt> before = reversePathFilterOfAll;
        reversePathFilterOfAll = before.map(_ -> rtnetlink.reversePathFilterOfAll());
        return reversePathFilterOfAll.equals(before) ? List.of() : List.of(new KernelEvent.EverythingChanged());
    }

    /** @param ifindex absent: nothing that is known can be relied on */
    private List<KernelEvent> somethingChanged(OptionalInt ifindex) {
        if (ifindex.isEmpty()) {
            interfaces.all().forEach(CachedInterface::tellNetwork);
            outerRoutes.forgetAll();
            detours.forgetRoutes();
            return List.of(new KernelEvent.EverythingChanged());
        }
        Optional<CachedInterface> known = interfaces.of(ifindex.getAsInt());
        known.ifPresent(CachedInterface::forgetLink);
        known.ifPresent(CachedInterface::tellNetwork);
        return known.map(CacheChanges::events).orElse(List.of());
    }

    /**
     * Reads all again, so that nothing that was not told stays unseen; of routes those that are followed. It is read before
     * any is taken over: what a failure keeps from being told is told after the next comparison.
     *
     * @return who may be concerned by what was missed
     */
    synchronized List<KernelEvent> compare() {
        KernelLists lists = KernelLists.followed(rtnetlink);
        Set<KernelEvent> events = new LinkedHashSet<>(settingsOfAllChanged());
        events.addAll(changes.missed(lists));
        return List.copyOf(events);
    }

    /**
     * The same of the routes that outer packets take.
     *
     * @return who may be concerned by what was missed
     */
    synchronized List<KernelEvent> compareOuterRoutes() {
        followInterfaces();
        return outerRoutes.changed(keptQueries()).stream()
                .map(query -> query.remote().isAnyLocalAddress() ? query.local() : query.remote())
                .<KernelEvent>map(address -> new KernelEvent.RouteChanged(IpPrefix.host(address)))
                .distinct()
                .toList();
    }

    /**
     * The same of the detours.
     *
     * @return who may be concerned by what was missed
     */
    synchronized List<KernelEvent> compareDetours() {
        return tunnels(detours.changed(index -> interfaces.of(index).isPresent()));
    }
}
