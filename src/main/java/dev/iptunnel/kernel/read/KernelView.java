package dev.iptunnel.kernel.read;

import dev.iptunnel.kernel.KernelRelease;
import dev.iptunnel.kernel.read.KernelReads.DetourQuery;
import dev.iptunnel.kernel.read.KernelReads.OuterQuery;
import dev.iptunnel.kernel.read.KernelReads.OuterRoute;
import dev.iptunnel.netlink.link.Inet6Settings;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.observation.Detour;
import dev.iptunnel.observation.Inet6Setting;
import dev.iptunnel.observation.InetSettings;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.Observation.Carrier;
import dev.iptunnel.observation.Observation.Device;
import dev.iptunnel.observation.Observation.OuterPath;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.ObservedLink.Master;
import dev.iptunnel.observation.Surroundings;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelParameters;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What bears on a tunnel, of all that can be read; a list of many only where a single look-up does not do.
 *
 * @param others of which the devices for all remotes, and the routes of others, are read
 * @param sysctls which may be writable, or not
 */
public record KernelView(KernelReads reads, KernelReads others, Inet6Sysctls sysctls) {
    private static final boolean RENAMES_UP = KernelRelease.running().isAtLeast(6, 2);

    public KernelView(KernelReads reads, Inet6Sysctls sysctls) {
        this(reads, reads, sysctls);
    }

    /** Of the surroundings no more than who uses the fallback device. */
    public Observation observe(DesiredTunnel desired) {
        Observation links = links(desired);
        return links.wanted(desired)
                .map(parameters -> links.with(
                        path(parameters, links.named()),
                        Surroundings.ofFallback(FallbackUsers.of(others, parameters.driver(), parameters.remote()))))
                .map(observed -> observed.with(detours(desired, observed)))
                .orElse(links);
    }

    /** While a route of its own is missing, another one that packets take is none. */
    private List<Detour> detours(DesiredTunnel desired, Observation observed) {
        return observed.needsSurroundings(desired)
                ? List.of()
                : observed.named()
                        .map(link -> new DetourQuery(
                                link.index(), vrf(link), link.vrfTable(), desired.innerRoutes(link.vrfTable())))
                        .map(others::detours)
                        .orElse(List.of());
    }

    private static OptionalInt vrf(ObservedLink link) {
        return link.master().stream()
                .filter(master -> master.vrfTable().isPresent())
                .mapToInt(Master::index)
                .findFirst();
    }

    private Observation links(DesiredTunnel desired) {
        Optional<ObservedLink> named = reads.link(desired.interfaceName()).map(link -> inFull(link, desired));
        Predicate<Mark> isOf = Observation.isOf(desired.mark());
        boolean ours = named.flatMap(ObservedLink::mark).filter(isOf).isPresent();
        List<ObservedLink> strays = ours
                ? List.of()
                : links(isOf)
                        .filter(link -> !link.name().equals(desired.interfaceName()))
                        .map(link -> inFull(link, desired))
                        .toList();
        Optional<Link> parent = desired.parent().flatMap(reads::link);
        Optional<ObservedLink> localSource = desired.localSource()
                .flatMap(reads::link)
                .map(link -> ObservedLinks.of(link, reads.addresses(link.index()), List.of())
                        .preferring(preferredSource(desired, link)));
        return new Observation(
                        named,
                        strays,
                        parent.map(ObservedLinks::of),
                        parent.map(link -> link.names().collect(Collectors.toSet()))
                                .orElse(Set.of()),
                        localSource,
                        OuterPath.UNKNOWN,
                        RENAMES_UP,
                        desired.mode().inner() == IpFamily.IPV6 && sysctls.isWritable(),
                        Surroundings.NONE)
                .in(desired.vrf().flatMap(reads::link).map(KernelView::vrf));
    }

    private static Master vrf(Link link) {
        return new Master(
                link.index(),
                link.name(),
                link.kind().orElse("unknown"),
                link.kind().filter("vrf"::equals).isPresent() ? vrfTable(link) : OptionalLong.empty(),
                link.up());
    }

    private static OptionalLong vrfTable(Link link) {
        return link.vrfTable().stream().mapToLong(Integer::toUnsignedLong).findFirst();
    }

    /** Without addresses and routes, as are those of {@link #marked}. */
    public Optional<ObservedLink> byName(String name) {
        return reads.link(name).map(ObservedLinks::of);
    }

    /** Without addresses and routes. */
    public Stream<ObservedLink> marked(Predicate<Mark> wanted) {
        return links(wanted).map(ObservedLinks::of);
    }

    /** Made by an agent of this manager, and not marked. */
    public Stream<ObservedLink> halfBorn(String manager) {
        return links().map(ObservedLinks::of).filter(link -> link.isHalfBorn(manager) && !link.isFallback());
    }

    /** A fallback device is never ours, whatever its alias says. */
    private Stream<Link> links(Predicate<Mark> wanted) {
        return links().filter(
                        link -> link.alias().flatMap(Mark::parse).filter(wanted).isPresent())
                .filter(link -> !FallbackDevices.isFallback(link));
    }

    private Stream<Link> links() {
        return Arrays.stream(TunnelDriver.values()).flatMap(driver -> reads.links(driver).stream());
    }

    private ObservedLink inFull(Link link, DesiredTunnel desired) {
        return ObservedLinks.of(link, reads.addresses(link.index()), routes(link, desired))
                .withMaster(master(link))
                .withSettings(new InetSettings(
                        reads.reversePathFilterOfAll(),
                        link.inet6().disabled(),
                        link.inet6().acceptsRouterAdvertisements(),
                        trusting(link.inet6())));
    }

    private static Set<Inet6Setting> trusting(Inet6Settings settings) {
        Set<Inet6Setting> trusting = EnumSet.noneOf(Inet6Setting.class);
        if (settings.acceptRa() != 0) {
            trusting.add(Inet6Setting.ACCEPT_RA);
        }
        if (settings.acceptRedirects() != 0) {
            trusting.add(Inet6Setting.ACCEPT_REDIRECTS);
        }
        return trusting;
    }

    private Optional<Master> master(Link link) {
        return link.master().stream()
                .mapToObj(reads::link)
                .flatMap(Optional::stream)
                .map(master -> new Master(
                        master.index(),
                        master.name(),
                        link.masterKind().or(master::kind).orElse("unknown"),
                        vrfTable(link),
                        master.up()))
                .findFirst();
    }

    /** Which of its addresses the kernel takes for packets to the remote. */
    private Optional<InetAddress> preferredSource(DesiredTunnel desired, Link source) {
        return reads.outerRoute(
                        new OuterQuery(desired.mode().outer().any(), desired.remote(), OptionalInt.of(source.index())))
                .source();
    }

    /** Of both families only where another object may have left some of the other one. */
    private List<Route> routes(Link link, DesiredTunnel desired) {
        AddressFamily inner = desired.mode().inner() == IpFamily.IPV4 ? AddressFamily.IPV4 : AddressFamily.IPV6;
        boolean marked = link.alias().equals(Optional.of(desired.mark().toString()));
        return Arrays.stream(AddressFamily.values())
                .filter(family -> link.tunnel().isPresent() && (family == inner || !marked))
                .flatMap(family -> reads.routes(family, link.index()).stream())
                .toList();
    }

    private OuterPath path(TunnelParameters wanted, Optional<ObservedLink> own) {
        OuterRoute route = reads.outerRoute(query(wanted));
        List<Carrier> carriers = new ArrayList<>();
        Set<Integer> passed = new HashSet<>();
        own.map(ObservedLink::index).ifPresent(passed::add);
        Optional<Link> next = link(route.device());
        boolean loops = false;
        while (next.isPresent() && !loops) {
            Link link = next.get();
            loops = !passed.add(link.index());
            Optional<TunnelParameters> carrier = loops ? Optional.empty() : carrierOf(link);
            carrier.map(tunnel -> new Carrier(link.name(), tunnel.remote(), tunnel.parent() != 0))
                    .ifPresent(carriers::add);
            next = loops
                    ? Optional.empty()
                    : carrier.flatMap(
                            tunnel -> link(reads.outerRoute(query(tunnel)).device()));
        }
        return new OuterPath(device(route.device()), route.localPresent(), carriers, loops);
    }

    /** Where that sends what comes to it, as far as it sends all to one remote, in this network namespace. */
    private static Optional<TunnelParameters> carrierOf(Link link) {
        return ObservedLinks.of(link)
                .tunnel()
                .filter(tunnel -> link.linkNetnsid().isEmpty())
                .filter(tunnel -> !tunnel.remote().isAnyLocalAddress());
    }

    private Optional<Link> link(OptionalInt index) {
        return index.isEmpty() ? Optional.empty() : reads.link(index.getAsInt());
    }

    public static OuterQuery query(TunnelParameters tunnel) {
        return new OuterQuery(
                tunnel.local(),
                tunnel.remote(),
                tunnel.parent() == 0 ? OptionalInt.empty() : OptionalInt.of(tunnel.parent()));
    }

    private Optional<Device> device(OptionalInt index) {
        return link(index).map(link -> new Device(link.index(), link.name(), link.mtu()));
    }
}
