package dev.iptunnel.kernel.watch;

import dev.iptunnel.kernel.Heartbeat;
import dev.iptunnel.kernel.KernelErrors;
import dev.iptunnel.kernel.KernelEvent;
import dev.iptunnel.kernel.WatchCounts;
import dev.iptunnel.kernel.read.Guards;
import dev.iptunnel.kernel.read.ObservedRoutes;
import dev.iptunnel.kernel.watch.RouteFollower.Routes;
import dev.iptunnel.libc.NetlinkSocket;
import dev.iptunnel.libc.SocketFilter;
import dev.iptunnel.libc.SocketFilter.Network;
import dev.iptunnel.netlink.Notification;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.message.MulticastGroup;
import dev.iptunnel.netlink.message.NetlinkException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Updates a {@link KernelCache} from the kernel's notifications, on two sockets: one for links, addresses, rules and
 * settings, and one for routes. The second has a filter, so that routes of other programs that concern no tunnel cost
 * nothing.
 */
public final class KernelWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(KernelWatch.class);

    /** The pause before a list. Where notifications come faster than they are read, lists follow one another. */
    private static final Duration REST = Duration.ofMillis(200);

    /**
     * Longer than the threads take for what one plan causes. Where others change so much that the threads are never done, each
     * plan takes so much longer.
     */
    private static final Duration MOMENT = Duration.ofMillis(50);

    private volatile SocketFilter filter = filterFor(Routes.NONE);
    /** What the filter was made for. */
    private Routes filtered = Routes.NONE;
    /** Whether the cache can be relied on. */
    private volatile boolean listed;

    private final AtomicLong relists = new AtomicLong();

    private final EventDelivery events;
    private final UndecodableMessages undecodable;
    private final KernelCache cache;
    private final NotificationThread links =
            new NotificationThread("kernel-watch", KernelWatch::linkSocket, this::handle);
    private final NotificationThread routes =
            new NotificationThread("kernel-watch-routes", this::routeSocket, this::handle);

    private KernelWatch(
            Rtnetlink rtnetlink,
            Guards guards,
            Consumer<KernelEvent> listener,
            UndecodableMessages undecodable,
            LongSupplier nanoTime) {
        this.undecodable = undecodable;
        events = new EventDelivery(listener);
        cache = new KernelCache(rtnetlink, guards, new Filtering(), nanoTime);
    }

    /**
     * Subscribes, then lists, so that no change is missed.
     *
     * @param nanoTime a monotonic clock, as {@link System#nanoTime}
     */
    public static KernelWatch start(
            Rtnetlink rtnetlink,
            Guards guards,
            Consumer<KernelEvent> listener,
            UndecodableMessages undecodable,
            LongSupplier nanoTime) {
        KernelWatch watch = new KernelWatch(rtnetlink, guards, listener, undecodable, nanoTime);
        try {
            watch.cache.list();
            watch.listed = true;
            watch.links.start();
            watch.routes.start();
            return watch;
        } catch (NetlinkException e) {
            watch.close();
            throw KernelErrors.reading("all interfaces", e);
        }
    }

    /** Empty while a list is due, since notifications were lost. */
    public Optional<KernelCache> cache() {
        return listed ? Optional.of(cache) : Optional.empty();
    }

    private static NetlinkSocket linkSocket() {
        return NetlinkSocket.open(
                MulticastGroup.LINK,
                MulticastGroup.IPV4_IFADDR,
                MulticastGroup.IPV6_IFADDR,
                MulticastGroup.IPV4_RULE,
                MulticastGroup.IPV6_RULE,
                MulticastGroup.IPV4_NETCONF);
    }

    private NetlinkSocket routeSocket() {
        return NetlinkSocket.open(filter, MulticastGroup.IPV4_ROUTE, MulticastGroup.IPV6_ROUTE);
    }

    private static SocketFilter filterFor(Routes routes) {
        return SocketFilter.routes(
                Set.of(ObservedRoutes.PROTOCOL, ObservedRoutes.KERNEL_PROTOCOL),
                routes.addresses(),
                routes.interfaces(),
                networks(routes));
    }

    private static List<Network> networks(Routes routes) {
        return routes.networks().stream()
                .map(network -> new Network(network.address(), network.length()))
                .toList();
    }

    /** Called under the lock of the cache. */
    private final class Filtering implements RouteFollower {
        /** The filter stays as it is where it keeps all that is new: with many addresses, it keeps more than it has to. */
        @Override
        public void follow(Routes more, Supplier<Routes> all) {
            if (!filter.keeps(more.addresses(), more.interfaces(), networks(more))) {
                followOnly(all.get());
            }
        }

        @Override
        public void followOnly(Routes all) {
            if (!all.equals(filtered)) {
                filter = filterFor(all);
                routes.filter(filter);
                filtered = all;
            }
        }
    }

    private void handle(Notification notification) {
        if (notification instanceof Notification.Overrun) {
            log.atWarn().log("kernel events were lost; everything is listed again");
            listed = false;
            LockSupport.parkNanos(REST.toNanos());
        }
        if (notification instanceof Notification.Undecodable(int type, OptionalInt ifindex, String what)) {
            undecodable.warn("notification of type " + type + " of interface " + ifindex, what);
        }
        List<KernelEvent> reported = cache.apply(notification);
        if (notification instanceof Notification.Overrun) {
            relists.incrementAndGet();
            listed = true;
        }
        events.deliver(reported);
    }

    /** Compares the cache with the kernel, and delivers events for what the notifications missed. */
    public void resync() {
        if (listed) {
            deliverMissed(cache.compare());
            deliverMissed(cache.compareOuterRoutes());
            deliverMissed(cache.compareDetours());
        } else {
            events.deliver(cache.apply(new Notification.Overrun()));
        }
    }

    private void deliverMissed(List<KernelEvent> missed) {
        if (!missed.isEmpty()) {
            log.atInfo().log("a comparison with the kernel found changes that were not notified: {}", missed);
        }
        events.deliver(missed);
    }

    /** Waits until what the kernel has told by now was applied and delivered, for a moment at most. */
    public void catchUp() {
        long deadline = System.nanoTime() + MOMENT.toNanos();
        links.catchUp(deadline);
        routes.catchUp(deadline);
    }

    /** What became of the notifications. */
    public WatchCounts counts() {
        return new WatchCounts(links.overruns() + routes.overruns(), relists.get());
    }

    public List<Heartbeat> heartbeats() {
        return List.of(links.heartbeat(), routes.heartbeat());
    }

    @Override
    public void close() {
        links.close();
        routes.close();
    }
}
