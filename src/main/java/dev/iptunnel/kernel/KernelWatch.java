package dev.iptunnel.kernel;

import dev.iptunnel.libc.NetlinkSocket;
import dev.iptunnel.netlink.Errno;
import dev.iptunnel.netlink.Link;
import dev.iptunnel.netlink.MulticastGroup;
import dev.iptunnel.netlink.NetlinkException;
import dev.iptunnel.netlink.NetlinkWatch;
import dev.iptunnel.netlink.Notification;
import dev.iptunnel.netlink.Notification.AddressAdded;
import dev.iptunnel.netlink.Notification.AddressDeleted;
import dev.iptunnel.netlink.Notification.LinkChanged;
import dev.iptunnel.netlink.Notification.LinkDeleted;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for changes of links and addresses, in a thread of its own. An overrun is told as a change of everything; a
 * socket that fails is opened again.
 */
final class KernelWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(KernelWatch.class);
    private static final Duration FOREVER = Duration.ofDays(1);
    private static final Duration REOPEN = Duration.ofSeconds(1);

    private final Consumer<KernelEvent> listener;
    private final Map<Integer, String> names = new HashMap<>();
    private final Thread thread =
            Thread.ofPlatform().daemon().name("kernel-watch").unstarted(this::run);
    private NetlinkWatch notifications;
    private boolean closed;

    private KernelWatch(Consumer<KernelEvent> listener, Supplier<List<Link>> links) {
        this.listener = listener;
        this.notifications = subscribe();
        links.get().forEach(link -> names.put(link.index(), link.name()));
    }

    /** Links are listed once the watch has begun, so that none is missed. */
    static KernelWatch start(Consumer<KernelEvent> listener, Supplier<List<Link>> links) {
        KernelWatch watch = new KernelWatch(listener, links);
        watch.thread.start();
        return watch;
    }

    private static NetlinkWatch subscribe() {
        return new NetlinkWatch(
                NetlinkSocket.open(MulticastGroup.LINK, MulticastGroup.IPV4_IFADDR, MulticastGroup.IPV6_IFADDR));
    }

    private void run() {
        while (!isClosed()) {
            try {
                current().next(FOREVER).ifPresent(this::tell);
            } catch (NetlinkException e) {
                reopen(e);
            }
        }
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
            case Notification.Overrun _ -> {
                log.atWarn().log("kernel events were lost; everything is compared again");
                listener.accept(new KernelEvent.EverythingChanged());
            }
            case Notification.RouteAdded _, Notification.RouteDeleted _, Notification.Other _ -> {}
        }
    }

    private void tellAddress(int ifindex) {
        Optional.ofNullable(names.get(ifindex))
                .ifPresentOrElse(
                        name -> listener.accept(new KernelEvent.LinkChanged(name)),
                        // The event of its link was lost.
                        () -> listener.accept(new KernelEvent.EverythingChanged()));
    }

    private void reopen(NetlinkException failure) {
        if (isClosed() || failure.errno().equals(Errno.EBADMSG)) {
            return;
        }
        log.atWarn().log("the watch of the kernel failed and is opened again: {}", failure.getMessage());
        try {
            Thread.sleep(REOPEN);
            synchronized (this) {
                notifications.close();
                if (!closed) {
                    notifications = subscribe();
                }
            }
            listener.accept(new KernelEvent.EverythingChanged());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized NetlinkWatch current() {
        return notifications;
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifications.close();
        }
        thread.interrupt();
    }
}
