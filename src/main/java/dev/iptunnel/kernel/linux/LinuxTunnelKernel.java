package dev.iptunnel.kernel.linux;

import dev.iptunnel.kernel.Heartbeat;
import dev.iptunnel.kernel.KernelErrors;
import dev.iptunnel.kernel.KernelEvent;
import dev.iptunnel.kernel.OperationListener;
import dev.iptunnel.kernel.TunnelKernel;
import dev.iptunnel.kernel.WatchCounts;
import dev.iptunnel.kernel.read.DefaultRoutes;
import dev.iptunnel.kernel.read.DefaultRoutes.Way;
import dev.iptunnel.kernel.read.DirectReads;
import dev.iptunnel.kernel.read.Guards;
import dev.iptunnel.kernel.read.Inet6Sysctls;
import dev.iptunnel.kernel.read.KernelLookup;
import dev.iptunnel.kernel.read.KernelReads;
import dev.iptunnel.kernel.read.Rereads;
import dev.iptunnel.kernel.read.SurroundingsView;
import dev.iptunnel.kernel.watch.KernelCache;
import dev.iptunnel.kernel.watch.KernelWatch;
import dev.iptunnel.kernel.watch.UndecodableMessages;
import dev.iptunnel.libc.NetlinkSocket;
import dev.iptunnel.libc.TunnelIoctl;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.link.LinkStatistics;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.netlink.message.NetlinkTransport;
import dev.iptunnel.observation.EgressPath;
import dev.iptunnel.observation.NodeLookup.NodeLink;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.TunnelObserver;
import dev.iptunnel.plan.Operation;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelDriver;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tunnels of the network namespace that this process is in. */
public final class LinuxTunnelKernel implements TunnelKernel {
    private static final Logger log = LoggerFactory.getLogger(LinuxTunnelKernel.class);
    /** The settings of IPv6. */
    public static final Path SYSCTLS = Path.of("/proc/sys/net/ipv6");

    private final Rtnetlink rtnetlink;
    /** The cache's own socket: the requests of a plan do not wait for a list of everything, which the cache may make. */
    private final Rtnetlink cacheRtnetlink;

    /** A socket of its own: the counters of all tunnels may be a long list. */
    private final Rtnetlink counterRtnetlink;

    private final UndecodableMessages undecodable;
    private final TunnelIoctl ioctl;
    private final DirectReads direct;
    private final SurroundingsView surroundings;
    private final Guards guards;
    private final Inet6Sysctls sysctls;
    private final PlanExecutor executor;
    private volatile Optional<KernelWatch> watch = Optional.empty();
    private volatile Consumer<KernelEvent> guardListener = _ -> {};

    private LinuxTunnelKernel(
            Rtnetlink rtnetlink,
            Rtnetlink cacheRtnetlink,
            Rtnetlink counterRtnetlink,
            UndecodableMessages undecodable,
            TunnelIoctl ioctl,
            Guards guards,
            Inet6Sysctls sysctls,
            OperationListener listener) {
        this.rtnetlink = rtnetlink;
        this.cacheRtnetlink = cacheRtnetlink;
        this.counterRtnetlink = counterRtnetlink;
        this.undecodable = undecodable;
        this.ioctl = ioctl;
        this.guards = guards;
        this.sysctls = sysctls;
        direct = new DirectReads(rtnetlink);
        surroundings = new SurroundingsView(rtnetlink);
        executor = new PlanExecutor(rtnetlink, ioctl, sysctls, listener);
    }

    /**
     * Opens the kernel for the network namespace of the calling thread.
     *
     * @param apiServer the addresses of the API server at first, see {@link #guard}
     * @param protectedNetworks networks that no route may take over, not even in part
     * @param inet6Sysctls {@link #SYSCTLS}, or where that is mounted writable
     */
    public static LinuxTunnelKernel open(
            List<InetAddress> apiServer,
            List<IpPrefix> protectedNetworks,
            Path inet6Sysctls,
            OperationListener listener) {
        return open(apiServer, protectedNetworks, inet6Sysctls, listener, NetlinkSocket::open);
    }

    /**
     * The same over sockets of the caller's.
     *
     * @param sockets makes a socket for requests
     */
    public static LinuxTunnelKernel open(
            List<InetAddress> apiServer,
            List<IpPrefix> protectedNetworks,
            Path inet6Sysctls,
            OperationListener listener,
            Supplier<? extends NetlinkTransport> sockets) {
        UndecodableMessages undecodable = new UndecodableMessages();
        return new LinuxTunnelKernel(
                new Rtnetlink(sockets.get(), undecodable),
                new Rtnetlink(sockets.get(), undecodable),
                new Rtnetlink(sockets.get(), undecodable),
                undecodable,
                new TunnelIoctl(),
                new Guards(apiServer, protectedNetworks),
                new Inet6Sysctls(inet6Sysctls),
                listener);
    }

    @Override
    public Observation observe(DesiredTunnel desired) {
        try {
            return new TunnelObserver(fresh(cache())).observe(desired);
        } catch (NetlinkException e) {
            throw KernelErrors.reading(desired.interfaceName(), e);
        }
    }

    @Override
    public Observation reread(DesiredTunnel desired, OptionalInt ifindex) {
        try {
            return cache().map(cache -> lookup(new Rereads(direct, cache, cache, ifindex), cache, cache::defaultWays))
                    .map(TunnelObserver::new)
                    .orElseGet(() -> new TunnelObserver(fresh(Optional.empty())))
                    .observe(desired);
        } catch (NetlinkException e) {
            throw KernelErrors.reading(desired.interfaceName(), e);
        }
    }

    @Override
    public Optional<Observation> recall(DesiredTunnel desired) {
        try {
            return cache().flatMap(cache -> new TunnelObserver(remembered(cache)).recall(desired));
        } catch (NetlinkException e) {
            log.atDebug().setCause(e).log("{} cannot be recalled, and is read", desired.interfaceName());
            return Optional.empty();
        }
    }

    @Override
    public List<EgressPath> egress(Collection<InetAddress> destinations) {
        TunnelObserver observer = new TunnelObserver(fresh(Optional.empty()));
        try {
            return destinations.stream().map(observer::egress).toList();
        } catch (NetlinkException e) {
            throw KernelErrors.reading("the routes to the API server", e);
        }
    }

    @Override
    public boolean leavesOutsideTunnels(InetAddress source, InetAddress destination) {
        try {
            return direct.leavesOutsideTunnels(source, destination);
        } catch (NetlinkException e) {
            throw KernelErrors.reading("the route to " + IpFamily.format(destination), e);
        }
    }

    @Override
    public Optional<String> nameOf(int ifindex) {
        try {
            return direct.link(ifindex).map(Link::name);
        } catch (NetlinkException e) {
            throw KernelErrors.reading("ifindex " + ifindex, e);
        }
    }

    /** Reads from the kernel, except for routes of other programs, which may be many, and which the cache knows. */
    private KernelLookup fresh(Optional<KernelCache> cache) {
        return lookup(
                direct,
                cache.<KernelReads>map(known -> known).orElse(direct),
                cache.<Supplier<Set<Way>>>map(known -> known::defaultWays).orElse(() -> DefaultRoutes.read(rtnetlink)));
    }

    private KernelLookup remembered(KernelCache cache) {
        return lookup(cache, cache, cache::defaultWays);
    }

    private KernelLookup lookup(KernelReads reads, KernelReads others, Supplier<Set<Way>> ways) {
        return new KernelLookup(reads, others, sysctls, guards, surroundings, ways);
    }

    private Optional<KernelCache> cache() {
        return watch.flatMap(KernelWatch::cache);
    }

    @Override
    public List<ObservedLink> marked() {
        try {
            return tunnels(cache().map(this::remembered).orElseGet(() -> fresh(Optional.empty())))
                    .filter(link -> link.mark().isPresent())
                    .toList();
        } catch (NetlinkException e) {
            throw KernelErrors.reading("all tunnels", e);
        }
    }

    @Override
    public List<ObservedLink> markedBy(String manager, String objectName) {
        Predicate<ObservedLink> wanted = link -> link.mark()
                .filter(mark -> mark.isOf(manager) && mark.name().equals(objectName))
                .isPresent();
        KernelLookup kernel = fresh(Optional.empty());
        try {
            List<ObservedLink> told = cache().stream()
                    .flatMap(cache -> kernel.tunnels(cache.ofObject(objectName)))
                    .map(NodeLink::link)
                    .filter(wanted)
                    .toList();
            return told.isEmpty() ? tunnels(kernel).filter(wanted).toList() : told;
        } catch (NetlinkException e) {
            throw KernelErrors.reading("all tunnels", e);
        }
    }

    @Override
    public List<ObservedLink> halfBorn(String manager) {
        KernelLookup kernel = fresh(Optional.empty());
        try {
            return tunnels(cache().map(this::remembered).orElse(kernel))
                    .filter(link -> link.isHalfBorn(manager))
                    .flatMap(link -> kernel.link(link.name()).map(NodeLink::link).stream())
                    .filter(link -> link.isHalfBorn(manager))
                    .toList();
        } catch (NetlinkException e) {
            throw KernelErrors.reading("all tunnels", e);
        }
    }

    private static Stream<ObservedLink> tunnels(KernelLookup node) {
        return node.tunnels().map(NodeLink::link);
    }

    @Override
    public void execute(Plan plan) {
        try {
            executor.execute(plan);
        } finally {
            cache().ifPresent(cache ->
                    plan.operations().stream().map(Operation::name).distinct().forEach(cache::forget));
        }
    }

    @Override
    public synchronized void watch(Consumer<KernelEvent> listener) {
        if (watch.isPresent()) {
            throw new IllegalStateException("watched already");
        }
        watch = Optional.of(KernelWatch.start(cacheRtnetlink, guards, listener, undecodable, System::nanoTime));
        guardListener = listener;
    }

    /** The cache follows what it was asked for. */
    @Override
    public void follow(DesiredTunnel desired) {
        recall(desired);
    }

    @Override
    public void catchUp() {
        watch.ifPresent(KernelWatch::catchUp);
    }

    @Override
    public void guard(Set<InetAddress> apiServer) {
        Set<InetAddress> before = guards.apiServer();
        guards.apiServer(apiServer);
        try {
            cache().ifPresent(KernelCache::followGuards);
        } catch (NetlinkException e) {
            guards.apiServer(before);
            throw KernelErrors.reading("the routes to the API server", e);
        }
        Stream.concat(
                        apiServer.stream().filter(address -> !before.contains(address)),
                        before.stream().filter(address -> !apiServer.contains(address)))
                .map(address -> new KernelEvent.RouteChanged(IpPrefix.host(address)))
                .forEach(guardListener);
    }

    @Override
    public void resync() {
        try {
            watch.ifPresent(KernelWatch::resync);
        } catch (NetlinkException e) {
            throw KernelErrors.reading("all interfaces", e);
        }
    }

    @Override
    public Map<Integer, LinkStatistics> statistics(Set<TunnelDriver> drivers) {
        try {
            return drivers.stream()
                    .flatMap(driver -> counterRtnetlink.statistics(driver.kind()).stream())
                    .collect(Collectors.toMap(LinkStatistics::index, link -> link, (_, latest) -> latest));
        } catch (NetlinkException e) {
            throw KernelErrors.reading("all tunnels", e);
        }
    }

    @Override
    public WatchCounts watchCounts() {
        return watch.map(KernelWatch::counts).orElse(WatchCounts.NONE);
    }

    @Override
    public List<Heartbeat> heartbeats() {
        return watch.map(KernelWatch::heartbeats).orElse(List.of());
    }

    @Override
    public synchronized void close() {
        watch.ifPresent(KernelWatch::close);
        ioctl.close();
        cacheRtnetlink.close();
        counterRtnetlink.close();
        rtnetlink.close();
    }
}
