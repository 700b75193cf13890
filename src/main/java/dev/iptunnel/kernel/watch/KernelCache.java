package dev.iptunnel.kernel.watch;

import dev.iptunnel.kernel.KernelEvent;
import dev.iptunnel.kernel.read.DefaultRoutes.Way;
import dev.iptunnel.kernel.read.Guards;
import dev.iptunnel.kernel.read.KernelReads;
import dev.iptunnel.kernel.read.KnownTunnels;
import dev.iptunnel.netlink.Notification;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.route.Address;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.observation.Detour;
import dev.iptunnel.observation.NodeLookup.DetourQuery;
import dev.iptunnel.observation.NodeLookup.OuterQuery;
import dev.iptunnel.observation.NodeLookup.OuterRoute;
import dev.iptunnel.tunnel.Endpoints;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelDriver;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * What the kernel holds in a network namespace: listed once, then updated by notifications. Where a notification does
 * not say everything, the cache forgets what it knew, and reads it again when it is asked for it. The cache is stale by
 * the notifications that are still to be received, and by changes that the kernel does not notify of (some of a tunnel
 * that is down, other daemons' routes through a tunnel) until the next {@link #compare}.
 *
 * <p>Each change is reported by an event, even where the cache had read the new state before the notification came: it
 * keeps what it last reported apart from what it last read. Thread-safe; a thread that asks waits while another lists
 * or compares.
 */
public final class KernelCache implements KernelReads, KnownTunnels {
    private final CachedNode node;
    private final CacheUpdates updates;
    private final CacheComparison comparison;

    /** @param nanoTime a monotonic clock, as {@link System#nanoTime} */
    public KernelCache(Rtnetlink rtnetlink, Guards guards, RouteFollower follower, LongSupplier nanoTime) {
        node = new CachedNode(rtnetlink, guards, follower, nanoTime);
        CacheChanges changes = new CacheChanges(rtnetlink, node.interfaces, node.outerRoutes, node.defaultRoutes);
        updates = new CacheUpdates(node, changes);
        comparison = new CacheComparison(rtnetlink, node, changes);
    }

    /** Reads everything. To be called when the notifications were subscribed to, and when any was lost. */
    public synchronized void list() {
        node.list();
    }

    /** To be called when the guards changed: has the routes to them followed. */
    public synchronized void followGuards() {
        node.followGuards();
    }

    /** The ways of the default routes, with those that went a short time ago. */
    public synchronized Set<Way> defaultWays() {
        return node.defaultRoutes.ways();
    }

    @Override
    public synchronized Optional<Link> link(String name) {
        return node.link(name);
    }

    @Override
    public synchronized Optional<Link> link(int index) {
        return node.link(index);
    }

    @Override
    public synchronized List<Link> links(TunnelDriver driver) {
        return node.links(driver);
    }

    @Override
    public synchronized List<Link> forAllRemotes(TunnelDriver driver) {
        return node.forAllRemotes(driver);
    }

    @Override
    public synchronized List<Link> marked(Mark object) {
        return node.marked(object);
    }

    @Override
    public synchronized List<Link> holders(Endpoints endpoints) {
        return node.holders(endpoints);
    }

    @Override
    public synchronized Set<Integer> ofObject(String name) {
        return node.interfaces.ofObject(name);
    }

    @Override
    public synchronized Set<Integer> holding(Endpoints endpoints) {
        return node.interfaces.holding(endpoints);
    }

    @Override
    public synchronized Set<Integer> forAllRemotesOf(TunnelDriver driver) {
        return node.interfaces.forAllRemotes(driver).stream()
                .map(known -> known.link().index())
                .collect(Collectors.toSet());
    }

    @Override
    public synchronized List<Address> addresses(int ifindex) {
        return node.addresses(ifindex);
    }

    @Override
    public synchronized List<Route> routes(AddressFamily family, int oif) {
        return node.routes(family, oif);
    }

    @Override
    public synchronized OuterRoute outerRoute(OuterQuery query) {
        return node.outerRoute(query);
    }

    @Override
    public synchronized List<Detour> detours(DetourQuery query) {
        return node.detours(query);
    }

    @Override
    public synchronized OptionalInt reversePathFilterOfAll() {
        return node.reversePathFilterOfAll();
    }

    /** To be called after a change of this process's own: the interface is read again, even if no notification comes. */
    public synchronized void forget(String interfaceName) {
        node.forget(interfaceName);
    }

    /** Applies a notification. The events say which tunnels it may concern. */
    synchronized List<KernelEvent> apply(Notification notification) {
        return updates.apply(notification);
    }

    /** Compares interfaces, addresses, the followed routes and settings with the kernel. The events say what was missed. */
    synchronized List<KernelEvent> compare() {
        return comparison.interfaces();
    }

    /** Compares the routes that outer packets take. The events say what was missed. */
    synchronized List<KernelEvent> compareOuterRoutes() {
        return comparison.outerRoutes();
    }

    /** Compares the detours. The events say what was missed. */
    synchronized List<KernelEvent> compareDetours() {
        return comparison.detours();
    }
}
