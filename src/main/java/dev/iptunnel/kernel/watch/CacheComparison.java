package dev.iptunnel.kernel.watch;

import dev.iptunnel.kernel.KernelEvent;
import dev.iptunnel.kernel.read.KernelLists;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.observation.NodeLookup.OuterQuery;
import dev.iptunnel.tunnel.IpPrefix;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Compares what is known with what the kernel holds, since the kernel does not notify of all changes. The events say which
 * tunnels a missed change may concern. Not thread-safe.
 */
final class CacheComparison {
    private final Rtnetlink rtnetlink;
    private final CachedNode node;
    private final CacheChanges changes;

    CacheComparison(Rtnetlink rtnetlink, CachedNode node, CacheChanges changes) {
        this.rtnetlink = rtnetlink;
        this.node = node;
        this.changes = changes;
    }

    /**
     * Compares interfaces, addresses, and the routes that are followed. Everything is read before anything is applied,
     * so that a failure loses no event: the next comparison finds the same differences.
     */
    List<KernelEvent> interfaces() {
        KernelLists lists = KernelLists.followed(rtnetlink);
        Set<KernelEvent> events = new LinkedHashSet<>();
        if (node.reversePathFilter.changed()) {
            events.add(new KernelEvent.EverythingChanged());
        }
        events.addAll(node.defaultRoutes.compare());
        events.addAll(changes.missed(lists));
        return List.copyOf(events);
    }

    List<KernelEvent> outerRoutes() {
        node.interfacesMayHaveChanged();
        Set<OuterQuery> changed = node.outerRoutes.changed(node.keptQueries());
        node.followed.narrow();
        return changed.stream()
                .map(query -> query.remote().isAnyLocalAddress() ? query.local() : query.remote())
                .<KernelEvent>map(address -> new KernelEvent.RouteChanged(IpPrefix.host(address)))
                .distinct()
                .toList();
    }

    List<KernelEvent> detours() {
        return changes.tunnels(
                node.detours.changed(index -> node.interfaces.of(index).isPresent()));
    }
}
