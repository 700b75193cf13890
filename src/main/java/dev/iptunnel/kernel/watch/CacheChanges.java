package dev.iptunnel.kernel.watch;

import dev.iptunnel.kernel.KernelEvent;
import dev.iptunnel.kernel.read.FallbackDevices;
import dev.iptunnel.kernel.read.KernelLists;
import dev.iptunnel.kernel.read.ObservedRoutes;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.link.PartialLink;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.route.Address;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.Mark;
import java.net.InetAddress;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Applies single changes to the known interfaces, and makes the events that report them. Not thread-safe. */
final class CacheChanges {
    private final Rtnetlink rtnetlink;
    private final CachedInterfaces interfaces;
    private final OuterRoutes outerRoutes;
    private final CachedDefaultRoutes defaultRoutes;

    CacheChanges(
            Rtnetlink rtnetlink,
            CachedInterfaces interfaces,
            OuterRoutes outerRoutes,
            CachedDefaultRoutes defaultRoutes) {
        this.rtnetlink = rtnetlink;
        this.interfaces = interfaces;
        this.outerRoutes = outerRoutes;
        this.defaultRoutes = defaultRoutes;
    }

    List<KernelEvent> changed(Link link) {
        Optional<CachedInterface> known = interfaces.of(link.index());
        if (known.isEmpty()) {
            CachedInterface added = interfaces.add(link);
            forgetIfDown(added);
            return events(added);
        }
        Link before = known.get().reported();
        if (before.equals(link)) {
            if (known.get().gone() || !known.get().link().equals(link)) {
                // It was read after this notification was sent.
                known.get().forgetLink();
            }
            return List.of();
        }
        return changed(known.get(), before, link);
    }

    private List<KernelEvent> changed(CachedInterface known, Link before, Link link) {
        Set<KernelEvent> events = new LinkedHashSet<>(events(List.of(before, link)));
        interfaces.report(known, link);
        forgetIfDown(known);
        if (before.up() != link.up()) {
            // The kernel does not report all addresses and routes that go, or come back, with it.
            events.addAll(outerRoutesOf(known.lastAddresses()));
            known.reportNetwork();
            defaultRoutes.suspect(link.index());
        }
        if (before.flags() != link.flags() || !before.master().equals(link.master())) {
            outerRoutes.forget(link.index());
        }
        return List.copyOf(events);
    }

    /** Such a message may be older than others that came before it, so the link is read. */
    List<KernelEvent> mentioned(PartialLink part) {
        boolean news = interfaces
                .of(part.index())
                .filter(known -> part.saysNothingBut(known.reported()))
                .isEmpty();
        return news ? rtnetlink.link(part.index()).map(this::changed).orElse(List.of()) : List.of();
    }

    /** The kernel does not report each change of a device that is down (netdev_state_change of net/core/dev.c). */
    private static void forgetIfDown(CachedInterface known) {
        if (known.isTunnel() && !known.link().up()) {
            known.forget();
        }
    }

    List<KernelEvent> deleted(int index) {
        Optional<CachedInterface> known = interfaces.of(index);
        if (known.isEmpty()) {
            return List.of();
        }
        Set<KernelEvent> events = new LinkedHashSet<>(events(known.get()));
        events.addAll(outerRoutesOf(known.get().lastAddresses()));
        interfaces.remove(known.get());
        defaultRoutes.gone(index, isOurs(known.get().link()));
        outerRoutes.forget(index);
        return List.copyOf(events);
    }

    private static boolean isOurs(Link link) {
        return link.alias().flatMap(Mark::parse).isPresent();
    }

    static List<KernelEvent> events(CachedInterface known) {
        return events(List.of(known.reported(), known.link()));
    }

    List<KernelEvent> tunnels(Set<Integer> indexes) {
        return indexes.stream()
                .flatMap(index -> interfaces.of(index).stream())
                .flatMap(known -> events(known).stream())
                .toList();
    }

    /** By each of its names, since a tunnel may know it by any. */
    private static List<KernelEvent> events(Collection<Link> states) {
        boolean tunnel = states.stream().anyMatch(link -> link.tunnel().isPresent());
        Set<KernelEvent> events = new LinkedHashSet<>();
        for (Link link : states) {
            link.names().forEach(name -> events.add(new KernelEvent.LinkChanged(name, tunnel)));
        }
        for (Link link : states) {
            FallbackDevices.driverForAllRemotes(link)
                    .ifPresent(driver -> events.add(new KernelEvent.FallbackChanged(driver)));
        }
        return List.copyOf(events);
    }

    /**
     * For tunnels with one of these outer addresses: the kernel does not report that routes go, or come, with an
     * interface.
     */
    private List<KernelEvent> outerRoutesOf(Collection<InetAddress> addresses) {
        return addresses.stream()
                .map(IpPrefix::host)
                .filter(outerRoutes::forget)
                .<KernelEvent>map(KernelEvent.RouteChanged::new)
                .toList();
    }

    List<KernelEvent> added(Address address) {
        return changed(address, known -> known.reportAddress(address));
    }

    /** With the last IPv4 address of an interface its routes go, which the kernel does not report. */
    List<KernelEvent> removed(Address address) {
        return changed(address, known -> known.reportNoAddress(address));
    }

    private List<KernelEvent> changed(Address address, Consumer<CachedInterface> report) {
        Set<KernelEvent> events = new LinkedHashSet<>(outerRoutesOf(List.of(address.address())));
        outerRoutes.forget(address.ifindex());
        interfaces.of(address.ifindex()).ifPresent(known -> {
            report.accept(known);
            if (known.isTunnel()) {
                // Where IPv6 is disabled, the kernel only reports that the addresses went.
                known.forgetLink();
            }
            events.addAll(events(known));
        });
        return List.copyOf(events);
    }

    /** @param replaces whether another route went for it, of which the kernel does not notify */
    List<KernelEvent> changed(Route route, boolean replaces) {
        Set<KernelEvent> events = new LinkedHashSet<>();
        IpPrefix destination = ObservedRoutes.destination(route);
        if (outerRoutes.forget(destination)) {
            events.add(new KernelEvent.RouteChanged(destination));
        }
        Collection<CachedInterface> replaced = replaces ? interfaces.withRouteLike(route) : List.of();
        List<CachedInterface> concerned = route.interfaces()
                .distinct()
                .mapToObj(interfaces::of)
                .flatMap(Optional::stream)
                .toList();
        concerned.stream().filter(CachedInterface::isTunnel).forEach(known -> {
            known.reportRoute(route);
            events.addAll(events(known));
        });
        replaced.stream()
                .filter(known -> known.isTunnel() && !concerned.contains(known))
                .forEach(known -> {
                    known.reportRoutes();
                    events.addAll(events(known));
                });
        return List.copyOf(events);
    }

    /** The events for what the lists show and no event reported. */
    List<KernelEvent> missed(KernelLists lists) {
        Set<KernelEvent> events = new LinkedHashSet<>();
        Set<Integer> present = lists.links().stream().map(Link::index).collect(Collectors.toSet());
        interfaces.all().stream()
                .map(known -> known.link().index())
                .filter(index -> !present.contains(index))
                .forEach(index -> events.addAll(deleted(index)));
        lists.links().forEach(link -> events.addAll(missed(link)));
        for (CachedInterface known : interfaces.all()) {
            int index = known.link().index();
            events.addAll(missed(known, lists.addressesOf(known.link())));
            lists.routes()
                    .forEach((family, routes) ->
                            events.addAll(missed(known, family, Set.copyOf(routes.getOrDefault(index, List.of())))));
        }
        return List.copyOf(events);
    }

    private List<KernelEvent> missed(Link now) {
        Optional<CachedInterface> unchanged =
                interfaces.of(now.index()).filter(known -> known.reported().equals(now));
        unchanged.ifPresent(known -> {
            interfaces.read(known, now);
            forgetIfDown(known);
        });
        return unchanged.isPresent() ? List.of() : changed(now);
    }

    private static List<KernelEvent> missed(CachedInterface known, List<Address> now) {
        if (!known.isNews(now)) {
            return List.of();
        }
        known.reportNetwork();
        return events(known);
    }

    private static List<KernelEvent> missed(CachedInterface known, AddressFamily family, Set<Route> now) {
        if (!known.isNews(family, now)) {
            return List.of();
        }
        known.reportRoutes();
        return events(known);
    }
}
