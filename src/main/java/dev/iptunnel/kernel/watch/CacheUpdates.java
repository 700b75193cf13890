package dev.iptunnel.kernel.watch;

import dev.iptunnel.kernel.KernelEvent;
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
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Applies the kernel's notifications to what is known, and says which tunnels they may concern. Not thread-safe. */
final class CacheUpdates {
    /** In place of an ifindex, of {@code net.ipv4.conf.all}. */
    private static final int ALL_INTERFACES = -1;

    private static final List<KernelEvent> EVERYTHING = List.of(new KernelEvent.EverythingChanged());

    private final CachedNode node;
    private final CacheChanges changes;

    CacheUpdates(CachedNode node, CacheChanges changes) {
        this.node = node;
        this.changes = changes;
    }

    List<KernelEvent> apply(Notification notification) {
        List<KernelEvent> events =
                switch (notification) {
                    case LinkChanged(var link) ->
                        link.up() ? changes.changed(link) : withDetours(changes.changed(link), link.index());
                    case LinkMentioned(var part) -> changes.mentioned(part);
                    case LinkDeleted(var index) -> deleted(index);
                    case AddressAdded(var address) -> changes.added(address);
                    case AddressDeleted(var address) -> {
                        node.defaultRoutes.suspect(address.ifindex());
                        yield withDetours(changes.removed(address), address.ifindex());
                    }
                    case RouteAdded(var route, var replaces) -> {
                        List<KernelEvent> concerned = changed(route, replaces, node.detours.added(route));
                        node.defaultRoutes.added(route, replaces);
                        yield concerned;
                    }
                    case RouteDeleted(var route) -> {
                        List<KernelEvent> concerned = changed(route, false, node.detours.removed(route));
                        node.defaultRoutes.removed(route);
                        yield concerned;
                    }
                    case RulesChanged _ -> rulesChanged();
                    case InetConfChanged(var ifindex) -> inetConfChanged(ifindex);
                    case Undecodable(var _, var ifindex, var _) -> somethingChanged(ifindex);
                    case Notification.Overrun _ -> {
                        node.list();
                        yield EVERYTHING;
                    }
                    case Notification.Other _ -> List.of();
                };
        node.interfacesMayHaveChanged();
        return with(events, node.defaultRoutes.rereadSuspects());
    }

    private List<KernelEvent> deleted(int ifindex) {
        node.detours.gone(ifindex);
        return withDetours(changes.deleted(ifindex), ifindex);
    }

    /** The kernel does not report each of the routes that go with an interface or an address. */
    private List<KernelEvent> withDetours(List<KernelEvent> others, int ifindex) {
        return with(others, changes.tunnels(node.detours.suspect(ifindex)));
    }

    private static List<KernelEvent> with(List<KernelEvent> some, List<KernelEvent> others) {
        return Stream.concat(some.stream(), others.stream()).distinct().toList();
    }

    private List<KernelEvent> changed(Route route, boolean replaces, boolean concernsDetours) {
        return with(
                changes.changed(route, replaces),
                concernsDetours ? List.of(new KernelEvent.RouteChanged(ObservedRoutes.destination(route))) : List.of());
    }

    private List<KernelEvent> rulesChanged() {
        node.outerRoutes.forgetAll();
        node.detours.forgetAll();
        return Stream.of(IpFamily.values())
                .<KernelEvent>map(family -> new KernelEvent.RouteChanged(new IpPrefix(family.any(), 0)))
                .toList();
    }

    private List<KernelEvent> inetConfChanged(int ifindex) {
        if (ifindex == ALL_INTERFACES) {
            return node.reversePathFilter.changed() ? EVERYTHING : List.of();
        }
        Optional<CachedInterface> tunnel = node.interfaces.of(ifindex).filter(CachedInterface::isTunnel);
        tunnel.ifPresent(CachedInterface::forgetLink);
        return tunnel.map(CacheChanges::events).orElse(List.of());
    }

    /**
     * Something changed that the notification does not say.
     *
     * @param ifindex of the interface that changed; where it is absent, everything may have changed
     */
    private List<KernelEvent> somethingChanged(OptionalInt ifindex) {
        if (ifindex.isEmpty()) {
            node.interfaces.all().forEach(CachedInterface::reportNetwork);
            node.outerRoutes.forgetAll();
            node.detours.forgetRoutes();
            return EVERYTHING;
        }
        Optional<CachedInterface> known = node.interfaces.of(ifindex.getAsInt());
        known.ifPresent(CachedInterface::forgetLink);
        known.ifPresent(CachedInterface::reportNetwork);
        return known.map(CacheChanges::events).orElse(List.of());
    }
}
