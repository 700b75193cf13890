package dev.iptunnel.kernel.watch;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.kernel.read.DirectReads;
import dev.iptunnel.kernel.read.Guards;
import dev.iptunnel.kernel.read.KernelLists;
import dev.iptunnel.kernel.read.KernelReads;
import dev.iptunnel.kernel.read.ObservedLinks;
import dev.iptunnel.kernel.watch.RouteFollower.Routes;
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
import dev.iptunnel.tunnel.Endpoints;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelDriver;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is known of a network namespace. What was forgotten is read again when it is asked for. Not thread-safe. */
final class CachedNode implements KernelReads {
    final CachedInterfaces interfaces = new CachedInterfaces();
    final CachedDefaultRoutes defaultRoutes;
    final FollowedRoutes followed;
    final OuterRoutes outerRoutes;
    final CachedDetours detours;
    final ReversePathFilterOfAll reversePathFilter;

    private final Rtnetlink rtnetlink;
    private final DirectReads kernel;
    private final Guards guards;

    CachedNode(Rtnetlink rtnetlink, Guards guards, RouteFollower follower, LongSupplier nanoTime) {
        this.rtnetlink = rtnetlink;
        this.kernel = new DirectReads(rtnetlink);
        this.guards = guards;
        this.followed = new FollowedRoutes(follower, this::followedRoutes);
        this.outerRoutes = new OuterRoutes(kernel::outerRoute, followed::addresses);
        this.detours = new CachedDetours(rtnetlink, this, followed::networks, nanoTime);
        this.defaultRoutes = new CachedDefaultRoutes(rtnetlink, this::defaultRoutesChanged, nanoTime);
        this.reversePathFilter = new ReversePathFilterOfAll(rtnetlink);
    }

    private Routes followedRoutes() {
        return new Routes(outerRoutes.addresses(), interfaces.forAllRemotes(), detours.destinations());
    }

    /** To be called when a device for all remotes may have appeared or gone. */
    void interfacesMayHaveChanged() {
        followed.interfaces(interfaces.forAllRemotes());
    }

    private void defaultRoutesChanged(Set<IpPrefix> destinations) {
        destinations.forEach(outerRoutes::forget);
        followGuards();
    }

    void list() {
        KernelLists lists = KernelLists.all(rtnetlink);
        interfaces.clear();
        reversePathFilter.forget();
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
        interfacesMayHaveChanged();
        followGuards();
    }

    /** Follows the routes to the guards, and those of all tunnels with a mark. */
    void followGuards() {
        outerRoutes.follow(keptQueries().stream());
        // Nothing else looks these up, and the next comparison would report the first answer as a change.
        guards.queries(defaultRoutes.ways()).forEach(outerRoutes::of);
    }

    /** The look-ups whose answers matter, whether or not anything asked for them lately. */
    Set<OuterQuery> keptQueries() {
        return Stream.concat(queriesOfMarkedTunnels(), guards.queries(defaultRoutes.ways()))
                .collect(Collectors.toSet());
    }

    private Stream<OuterQuery> queriesOfMarkedTunnels() {
        return interfaces.all().stream()
                .map(CachedInterface::link)
                .filter(link -> link.alias().flatMap(Mark::parse).isPresent())
                .map(ObservedLinks::of)
                .flatMap(link -> link.tunnel().stream())
                .map(OuterQuery::of);
    }

    @Override
    public Optional<Link> link(String name) {
        return interfaces.named(name).stream()
                .flatMap(known -> current(known).stream())
                .filter(link -> link.isNamed(name))
                .findFirst();
    }

    @Override
    public Optional<Link> link(int index) {
        return interfaces.of(index).flatMap(this::current);
    }

    private Optional<Link> current(CachedInterface known) {
        if (known.linkForgotten()) {
            rtnetlink.link(known.link().index()).ifPresentOrElse(now -> interfaces.read(known, now), known::readAsGone);
            interfacesMayHaveChanged();
        }
        return known.gone() ? Optional.empty() : Optional.of(known.link());
    }

    /** Where the interface cannot be decoded, what was known before, so that a list has the others. */
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
    public List<Link> marked(Mark object) {
        return current(interfaces.ofObject(object.name()))
                .filter(link -> DirectReads.isMarked(link, object))
                .toList();
    }

    @Override
    public List<Link> holders(Endpoints endpoints) {
        return current(interfaces.holding(endpoints))
                .filter(link -> DirectReads.isHolder(link, endpoints))
                .toList();
    }

    private Stream<Link> current(Set<Integer> indexes) {
        return indexes.stream()
                .sorted()
                .flatMap(index -> interfaces.of(index).stream())
                .flatMap(known -> currentOrLast(known).stream());
    }

    @Override
    public List<Link> links(TunnelDriver driver) {
        Optional<String> kind = Optional.of(driver.kind());
        return interfaces.all().stream()
                .filter(known -> known.link().kind().equals(kind))
                .flatMap(known -> currentOrLast(known).stream())
                .toList();
    }

    @Override
    public List<Link> forAllRemotes(TunnelDriver driver) {
        return interfaces.forAllRemotes(driver).stream()
                .flatMap(known -> currentOrLast(known).stream())
                .toList();
    }

    @Override
    public List<Address> addresses(int ifindex) {
        return interfaces
                .of(ifindex)
                .map(known -> known.addresses().orElseGet(() -> known.read(kernel.addresses(ifindex))))
                .orElse(List.of());
    }

    @Override
    public List<Route> routes(AddressFamily family, int oif) {
        return interfaces
                .of(oif)
                .map(known -> known.routes(family).orElseGet(() -> known.read(family, kernel.routes(family, oif))))
                .orElse(List.of());
    }

    @Override
    public OuterRoute outerRoute(OuterQuery query) {
        return outerRoutes.of(query);
    }

    @Override
    public List<Detour> detours(DetourQuery query) {
        return detours.of(query);
    }

    @Override
    public OptionalInt reversePathFilterOfAll() {
        return reversePathFilter.get();
    }

    void forget(String interfaceName) {
        interfaces.named(interfaceName).forEach(known -> {
            known.forget();
            detours.forget(known.link().index());
        });
    }
}
