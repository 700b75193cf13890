package dev.iptunnel.kernel;

import dev.iptunnel.libc.NetlinkSocket;
import dev.iptunnel.libc.SocketFilter;
import dev.iptunnel.netlink.Link;
import dev.iptunnel.netlink.MulticastGroup;
import dev.iptunnel.netlink.Notification;
import dev.iptunnel.netlink.Notification.AddressAdded;
import dev.iptunnel.netlink.Notification.AddressDeleted;
import dev.iptunnel.netlink.Notification.LinkChanged;
import dev.iptunnel.netlink.Notification.LinkDeleted;
import dev.iptunnel.netlink.Notification.RouteAdded;
import dev.iptunnel.netlink.Notification.RouteDeleted;
import dev.iptunnel.netlink.Route;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for changes of links and addresses, and of our routes, on two sockets: the routes of others never get here. An
 * overrun is told as a change of everything.
 */
final class KernelWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(KernelWatch.class);

    private final Consumer<KernelEvent> listener;
    private final Map<Integer, String> names = new ConcurrentHashMap<>();
    private final NotificationThread links =
            new NotificationThread("kernel-watch", KernelWatch::linkSocket, this::tell);
    private final NotificationThread routes =
            new NotificationThread("kernel-watch-routes", KernelWatch::routeSocket, this::tell);

    private KernelWatch(Consumer<KernelEvent> listener) {
        this.listener = listener;
    }

    /** Links are listed once the watch has begun, so that none is missed. */
    static KernelWatch start(Consumer<KernelEvent> listener, Supplier<List<Link>> links) {
        KernelWatch watch = new KernelWatch(listener);
        links.get().forEach(link -> watch.names.put(link.index(), link.name()));
        watch.links.start();
        watch.routes.start();
        return watch;
    }

    private static NetlinkSocket linkSocket() {
        return NetlinkSocket.open(MulticastGroup.LINK, MulticastGroup.IPV4_IFADDR, MulticastGroup.IPV6_IFADDR);
    }

    private static NetlinkSocket routeSocket() {
        return NetlinkSocket.open(
                SocketFilter.routesOf(ObservedLinks.PROTOCOL), MulticastGroup.IPV4_ROUTE, MulticastGroup.IPV6_ROUTE);
    }

    private void tell(Notification notification) {
        switch (notification) {
            case LinkChanged(var link) -> {
                // Renamed: what used the old name is concerned as well.
                String before = names.put(link.index(), link.name());
                if (before != null && !before.equals(link.name())) {
                    listener.accept(new KernelEvent.LinkChanged(before));
                }
                listener.accept(new KernelEvent.LinkChanged(link.name()));
            }
            case LinkDeleted(var link) -> {
                names.remove(link.index());
                listener.accept(new KernelEvent.LinkChanged(link.name()));
            }
            case AddressAdded(var address) -> tellAddress(address.ifindex());
            case AddressDeleted(var address) -> tellAddress(address.ifindex());
            case RouteAdded(var route) -> tellRoute(route);
            case RouteDeleted(var route) -> tellRoute(route);
            case Notification.Overrun _ -> {
                log.atWarn().log("kernel events were lost; everything is compared again");
                listener.accept(new KernelEvent.EverythingChanged());
            }
            case Notification.Other _ -> {}
        }
    }

    private void tellAddress(int ifindex) {
        Optional.ofNullable(names.get(ifindex))
                .ifPresentOrElse(
                        name -> listener.accept(new KernelEvent.LinkChanged(name)),
                        // The event of its link was lost.
                        () -> listener.accept(new KernelEvent.EverythingChanged()));
    }

    /** Of a link that is gone, its own event tells. */
    private void tellRoute(Route route) {
        if (route.oif().isPresent()) {
            Optional.ofNullable(names.get(route.oif().getAsInt()))
                    .ifPresent(name -> listener.accept(new KernelEvent.LinkChanged(name)));
        }
    }

    @Override
    public void close() {
        links.close();
        routes.close();
    }
}
