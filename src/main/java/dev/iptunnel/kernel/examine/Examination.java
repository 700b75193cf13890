package dev.iptunnel.kernel.examine;

import dev.iptunnel.diagnosis.DriverFacts;
import dev.iptunnel.diagnosis.LocalFacts;
import dev.iptunnel.diagnosis.ParentFacts;
import dev.iptunnel.diagnosis.TunnelFacts;
import dev.iptunnel.diagnosis.WayFacts;
import dev.iptunnel.kernel.KernelErrors;
import dev.iptunnel.kernel.KernelRelease;
import dev.iptunnel.kernel.examine.CounterReading.Inet6Counters;
import dev.iptunnel.kernel.read.DefaultRoutes;
import dev.iptunnel.kernel.read.DirectReads;
import dev.iptunnel.kernel.read.FallbackDevices;
import dev.iptunnel.kernel.read.Guards;
import dev.iptunnel.kernel.read.Inet6Sysctls;
import dev.iptunnel.kernel.read.KernelLookup;
import dev.iptunnel.kernel.read.ObservedLinks;
import dev.iptunnel.kernel.read.SurroundingsView;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.link.LinkStatistics;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.observation.Detour;
import dev.iptunnel.observation.Master;
import dev.iptunnel.observation.NodeLookup.DetourQuery;
import dev.iptunnel.observation.NodeLookup.NodeLink;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.Observation.Device;
import dev.iptunnel.observation.Observation.OuterPath;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.ObservedRoute;
import dev.iptunnel.observation.RouteDetails;
import dev.iptunnel.observation.TunnelObserver;
import dev.iptunnel.planner.Planner;
import dev.iptunnel.readiness.Readiness;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelParameters;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads everything that bears on one tunnel of this network namespace. */
public final class Examination implements AutoCloseable {
    private static final LocalFacts NO_LOCAL = new LocalFacts(false, Optional.empty(), false, false, Optional.empty());
    private static final WayFacts NO_WAY = new WayFacts(
            false,
            OuterPath.UNKNOWN,
            "none",
            false,
            "",
            0,
            Optional.empty(),
            Optional.empty(),
            List.of(),
            OptionalInt.empty(),
            false);

    private final Rtnetlink rtnetlink;
    private final ProcFiles files = new ProcFiles(Path.of("/"));
    private final KernelLookup lookup;

    /**
     * Takes over the conversation with the kernel, and closes it with itself.
     *
     * @param guards the networks that no tunnel may take over, as the agent knows them
     * @param inet6Sysctls the directory where the agent can write the settings of IPv6
     */
    public Examination(Rtnetlink rtnetlink, Guards guards, Path inet6Sysctls) {
        this.rtnetlink = rtnetlink;
        DirectReads reads = new DirectReads(rtnetlink);
        this.lookup = new KernelLookup(
                reads,
                reads,
                new Inet6Sysctls(inet6Sysctls),
                guards,
                new SurroundingsView(rtnetlink),
                () -> DefaultRoutes.read(rtnetlink));
    }

    /** The names of the interfaces that carry a mark of this project, in the order of their names. */
    public List<String> marked() {
        return reading("all tunnels", () -> lookup.tunnels()
                .map(NodeLink::link)
                .filter(link -> Mark.isClaimed(link.alias()))
                .map(ObservedLink::name)
                .sorted()
                .toList());
    }

    /** The interface of that name, or else the one whose mark names this IpTunnel; the name itself if there is neither. */
    public String interfaceOf(String name) {
        return reading(name, () -> lookup.link(name)
                .map(_ -> name)
                .or(() -> lookup.tunnels()
                        .map(NodeLink::link)
                        .filter(link -> link.mark()
                                .filter(mark -> mark.name().equals(name))
                                .isPresent())
                        .map(ObservedLink::name)
                        .findFirst())
                .orElse(name));
    }

    /** The interface of that name, without addresses and routes. */
    public Optional<ObservedLink> link(String name) {
        return reading(name, () -> lookup.link(name).map(NodeLink::link));
    }

    /** The counters now, with those of IPv6 of these interfaces. */
    public CounterReading counters(Collection<String> names) {
        return reading(
                "all interfaces",
                () -> new CounterReading(
                        System.nanoTime(),
                        rtnetlink.statistics().stream()
                                .collect(Collectors.toMap(
                                        LinkStatistics::index, Function.identity(), (_, last) -> last)),
                        files.counter("netstat", "TcpExt:", "IPReversePathFilter"),
                        files.counter("snmp", "Ip:", "InAddrErrors"),
                        files.counter("snmp", "Icmp:", "InDestUnreachs"),
                        files.counter("snmp6", "Icmp6InDestUnreachs"),
                        files.undelivered(),
                        files.undelivered6(),
                        names.stream().distinct().collect(Collectors.toMap(Function.identity(), this::inet6))));
    }

    private Inet6Counters inet6(String name) {
        return new Inet6Counters(
                files.counter("dev_snmp6/" + name, "Ip6InAddrErrors"),
                files.counter("dev_snmp6/" + name, "Ip6OutRequests"),
                files.counter("dev_snmp6/" + name, "Ip6InMcastPkts"));
    }

    /** The facts of the tunnel now. */
    public TunnelFacts examine(Subject subject) {
        return reading(subject.name(), () -> read(subject));
    }

    private static <T> T reading(String name, java.util.function.Supplier<T> read) {
        try {
            return read.get();
        } catch (NetlinkException e) {
            throw KernelErrors.reading(name, e);
        }
    }

    private TunnelFacts read(Subject subject) {
        Optional<Observation> observed = subject.desired().map(new TunnelObserver(lookup)::observe);
        Optional<Link> raw = rtnetlink.link(subject.name());
        Optional<ObservedLink> link =
                lookup.link(subject.name()).map(found -> found.inFull(EnumSet.allOf(IpFamily.class)));
        Optional<TunnelParameters> tunnel = link.flatMap(ObservedLink::tunnel)
                .or(() -> link.isPresent()
                        ? Optional.empty()
                        : observed.flatMap(seen -> seen.wanted(subject.desired().orElseThrow())));
        boolean elsewhere = raw.flatMap(
                        found -> found.linkNetnsid().stream().boxed().findFirst())
                .isPresent();
        OuterPath path = tunnel.filter(_ -> !elsewhere)
                .map(parameters -> new TunnelObserver(lookup).path(parameters, link))
                .orElse(new OuterPath(Optional.empty(), true));
        Optional<OuterWay> way = tunnel.map(parameters -> new OuterWay(rtnetlink, parameters, path));
        return new TunnelFacts(
                subject.name(),
                subject.desired(),
                observed.map(seen -> Planner.plan(subject.desired().orElseThrow(), seen, subject.claims())),
                observed.flatMap(seen -> Readiness.obstacle(subject.desired().orElseThrow(), seen)),
                link,
                observed.map(Observation::strays).orElse(List.of()).stream()
                        .map(ObservedLink::name)
                        .toList(),
                tunnel,
                driver(subject, tunnel),
                tunnel.flatMap(parameters -> parent(parameters, path, elsewhere)),
                way.map(OuterWay::local).orElse(NO_LOCAL),
                way.map(any -> any.way(elsewhere)).orElse(NO_WAY),
                tunnel.map(parameters -> others(parameters, link)).orElse(List.of()),
                link.map(this::detours).orElse(List.of()),
                new NodePrograms(rtnetlink, files).read(tunnel, subject.name()));
    }

    private Optional<DriverFacts> driver(Subject subject, Optional<TunnelParameters> tunnel) {
        Optional<TunnelDriver> driver = tunnel.map(TunnelParameters::driver)
                .or(() -> subject.desired().map(desired -> desired.mode().driver()));
        return driver.map(known -> {
            String module = known == TunnelDriver.IP6TNL ? "ip6_tunnel" : known.kind();
            return new DriverFacts(
                    module,
                    rtnetlink.hasKind(known.kind()),
                    files.canLoad(KernelRelease.running().text(), module),
                    known != TunnelDriver.IP6TNL || files.hasIpv6(),
                    rtnetlink.links(known.kind()).stream()
                            .filter(link -> link.up() && FallbackDevices.isForAllRemotes(link))
                            .map(Link::name)
                            .findFirst(),
                    tunnel.map(TunnelParameters::endpoints)
                            .map(lookup::fallbackUses)
                            .orElse(List.of()));
        });
    }

    private Optional<ParentFacts> parent(TunnelParameters tunnel, OuterPath path, boolean elsewhere) {
        OptionalInt index = tunnel.parent() != 0
                ? OptionalInt.of(tunnel.parent())
                : path.device().map(Device::index).map(OptionalInt::of).orElse(OptionalInt.empty());
        if (index.isEmpty()) {
            return Optional.empty();
        }
        Optional<Link> link = elsewhere ? Optional.empty() : rtnetlink.link(index.getAsInt());
        return Optional.of(new ParentFacts(
                tunnel.parent() != 0,
                link.map(Link::name).orElse("ifindex " + index.getAsInt()),
                link.flatMap(found -> lookup.link(found.index()))
                        .map(found -> found.inFull(EnumSet.noneOf(IpFamily.class))),
                elsewhere,
                link.filter(found -> found.inet6().disabled()).isPresent()));
    }

    private List<ObservedLink> others(TunnelParameters tunnel, Optional<ObservedLink> own) {
        return rtnetlink.links(tunnel.driver().kind()).stream()
                .filter(link -> link.linkNetnsid().isEmpty() && !FallbackDevices.isFallback(link))
                .map(ObservedLinks::of)
                .filter(link -> own.filter(self -> self.index() == link.index()).isEmpty())
                .toList();
    }

    /** Of its routes of each family, without those that the kernel makes for IPv6 itself, which overlap. */
    private List<Detour> detours(ObservedLink link) {
        if (!link.up() || link.tunnel().isEmpty()) {
            return List.of();
        }
        OptionalInt vrf = link.master().stream()
                .filter(master -> master.vrfTable().isPresent())
                .mapToInt(Master::index)
                .findFirst();
        return Arrays.stream(IpFamily.values())
                .map(family -> link.routes().stream()
                        .filter(route -> route.route().destination().family() == family && isAskedFor(route))
                        .map(ObservedRoute::route)
                        .toList())
                .filter(routes -> !routes.isEmpty())
                .flatMap(routes -> lookup.detours(new DetourQuery(link.index(), vrf, link.vrfTable(), routes)).stream())
                .toList();
    }

    private static boolean isAskedFor(ObservedRoute route) {
        InetAddress destination = route.route().destination().address();
        boolean unicast = route.details().kind() == RouteDetails.Kind.UNICAST;
        return unicast && !destination.isLinkLocalAddress() && !destination.isMulticastAddress();
    }

    @Override
    public void close() {
        rtnetlink.close();
    }
}
