package dev.iptunnel.kernel;

import dev.iptunnel.libc.NetlinkSocket;
import dev.iptunnel.netlink.Errno;
import dev.iptunnel.netlink.NetlinkException;
import dev.iptunnel.netlink.NetlinkWatch;
import dev.iptunnel.netlink.Notification;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a socket's notifications in a thread of its own. A socket that fails is opened again, and told as an overrun. */
final class NotificationThread implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(NotificationThread.class);
    private static final Duration FOREVER = Duration.ofDays(1);
    private static final Duration REOPEN = Duration.ofSeconds(1);

    private final Supplier<NetlinkSocket> socket;
    private final Consumer<Notification> listener;
    private final Thread thread;
    private NetlinkWatch notifications;
    private boolean closed;

    /** Subscribed from now on; read once started. */
    NotificationThread(String name, Supplier<NetlinkSocket> socket, Consumer<Notification> listener) {
        this.socket = socket;
        this.listener = listener;
        this.notifications = new NetlinkWatch(socket.get());
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        while (!isClosed()) {
            try {
                current().next(FOREVER).ifPresent(listener);
            } catch (NetlinkException e) {
                reopen(e);
            }
        }
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
                    notifications = new NetlinkWatch(socket.get());
                }
            }
            listener.accept(new Notification.Overrun());
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
