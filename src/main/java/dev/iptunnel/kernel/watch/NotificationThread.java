package dev.iptunnel.kernel.watch;

import dev.iptunnel.kernel.Heartbeat;
import dev.iptunnel.libc.NetlinkSocket;
import dev.iptunnel.libc.SocketFilter;
import dev.iptunnel.netlink.NetlinkWatch;
import dev.iptunnel.netlink.Notification;
import dev.iptunnel.netlink.message.NetlinkException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a socket's notifications in a thread of its own. A socket that fails is opened again, and reported as an
 * overrun, since notifications may be lost.
 */
final class NotificationThread implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(NotificationThread.class);
    private static final Duration FOREVER = Duration.ofDays(1);
    private static final Duration REOPEN = Duration.ofSeconds(1);

    private final Supplier<NetlinkSocket> socket;
    private final Consumer<Notification> listener;
    private final Heartbeat heartbeat;
    private final Thread thread;
    private NetlinkSocket current;
    private NetlinkWatch notifications;
    private boolean closed;
    /** Notified when {@link #resting} becomes true. */
    private final Object rests = new Object();
    /** Whether the thread waits for the kernel. For a moment after it was told something, it still says so. */
    private volatile boolean resting;

    private final AtomicLong overruns = new AtomicLong();

    /** Subscribes at once; the thread reads once it is started. */
    NotificationThread(String name, Supplier<NetlinkSocket> socket, Consumer<Notification> listener) {
        this.socket = socket;
        this.listener = listener;
        this.current = socket.get();
        this.notifications = new NetlinkWatch(current);
        this.heartbeat = new Heartbeat(name);
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            readUntilClosed();
        } catch (Error e) {
            heartbeat.ended(e);
            throw e;
        }
    }

    private void readUntilClosed() {
        boolean lost = false;
        while (!isClosed()) {
            try {
                if (lost) {
                    working(() -> listener.accept(new Notification.Overrun()));
                    lost = false;
                }
                next().ifPresent(notification -> working(() -> report(notification)));
            } catch (RuntimeException e) {
                lost = true;
                reopen(e);
            }
        }
    }

    private Optional<Notification> next() {
        Optional<Notification> next = notifications().next(Duration.ZERO);
        if (next.isPresent()) {
            return next;
        }
        rest();
        next = notifications().next(FOREVER);
        resting = false;
        return next;
    }

    /** All that the kernel told was handled. */
    private void rest() {
        synchronized (rests) {
            resting = true;
            rests.notifyAll();
        }
    }

    /**
     * Waits until what the kernel has told by now was handled.
     *
     * @param deadline by {@link System#nanoTime}, until when it waits at most
     */
    void catchUp(long deadline) {
        synchronized (rests) {
            try {
                long left = deadline - System.nanoTime();
                while (left > 0 && isBehind()) {
                    TimeUnit.NANOSECONDS.timedWait(rests, left);
                    left = deadline - System.nanoTime();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private boolean isBehind() {
        return !resting || isReadable();
    }

    private void working(Runnable work) {
        heartbeat.begin();
        try {
            work.run();
        } finally {
            heartbeat.end();
        }
    }

    Heartbeat heartbeat() {
        return heartbeat;
    }

    /** How often the kernel dropped notifications. */
    long overruns() {
        return overruns.get();
    }

    /**
     * After an overrun the kernel drops further notifications until the socket has been read to its end, and says so
     * only once (NETLINK_S_CONGESTED of net/netlink/af_netlink.c). A new socket receives all notifications from now on.
     */
    private void report(Notification notification) {
        if (notification instanceof Notification.Overrun) {
            overruns.incrementAndGet();
            openAgain();
        }
        listener.accept(notification);
    }

    private synchronized void openAgain() {
        notifications.close();
        if (!closed) {
            current = socket.get();
            notifications = new NetlinkWatch(current);
        }
    }

    /** Whatever the failure was: if this thread ended, nothing would read notifications any more. */
    private void reopen(RuntimeException failure) {
        if (isClosed()) {
            return;
        }
        log.atWarn().setCause(failure).log("the watch of the kernel failed and is opened again");
        try {
            Thread.sleep(REOPEN);
            openAgain();
        } catch (NetlinkException e) {
            log.atWarn().setCause(e).log("the watch of the kernel could not be opened yet");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Replaces the filter that the socket was opened with. */
    synchronized void filter(SocketFilter filter) {
        if (!closed) {
            current.filter(filter);
        }
    }

    private synchronized boolean isReadable() {
        return !closed && current.isReadable();
    }

    private synchronized NetlinkWatch notifications() {
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
