package dev.iptunnel.kernel.watch;

import dev.iptunnel.kernel.KernelEvent;
import dev.iptunnel.kernel.read.DefaultRoutes;
import dev.iptunnel.kernel.read.DefaultRoutes.Way;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.tunnel.IpPrefix;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The default routes of a node. The kernel does not notify of the routes that go with an address, of what another route
 * replaced, and of next hops that go and come back with an interface: these routes are suspect, and are read again. Not
 * thread-safe.
 */
final class CachedDefaultRoutes {
    private final Rtnetlink rtnetlink;
    private final Consumer<Set<IpPrefix>> listener;
    private final DefaultRoutes routes;
    /** Interfaces whose routes are to be read again. */
    private final Set<Integer> suspects = new HashSet<>();

    /** @param listener is told of the destinations whose ways changed */
    CachedDefaultRoutes(Rtnetlink rtnetlink, Consumer<Set<IpPrefix>> listener, LongSupplier nanoTime) {
        this.rtnetlink = rtnetlink;
        this.listener = listener;
        this.routes = new DefaultRoutes(nanoTime);
    }

    /** The ways that exist, and those that went a short time ago. */
    Set<Way> ways() {
        return routes.ways();
    }

    void list(Collection<Route> defaults) {
        routes.list(defaults);
        suspects.clear();
    }

    /** @param replaces whether another route went for it, of which the kernel does not notify */
    void added(Route route, boolean replaces) {
        if (replaces) {
            suspects.addAll(routes.replacedBy(route));
        }
        if (DefaultRoutes.isDefault(route)) {
            routes.added(route);
            listener.accept(Set.of());
        }
    }

    void removed(Route route) {
        if (DefaultRoutes.isDefault(route)) {
            routes.removed(route);
            listener.accept(Set.of());
        }
    }

    /** @param ours whether it was a tunnel of ours, whose gateways no other interface leads to */
    void gone(int ifindex, boolean ours) {
        routes.gone(ifindex);
        if (ours) {
            routes.forget(ifindex);
        }
    }

    /** An address of the interface went, or the interface went up or down. */
    void suspect(int ifindex) {
        suspects.add(ifindex);
    }

    /** Reads those again that are suspect. */
    List<KernelEvent> rereadSuspects() {
        if (suspects.isEmpty()) {
            return List.of();
        }
        suspects.retainAll(routes.interfaces());
        return suspects.isEmpty() ? List.of() : reread(suspects);
    }

    /** Reads all again. */
    List<KernelEvent> compare() {
        return reread(routes.interfaces());
    }

    private List<KernelEvent> reread(Set<Integer> interfaces) {
        Set<IpPrefix> changed = routes.reread(rtnetlink, interfaces);
        suspects.clear();
        if (!changed.isEmpty()) {
            listener.accept(changed);
        }
        return changed.stream().<KernelEvent>map(KernelEvent.RouteChanged::new).toList();
    }
}
