package dev.iptunnel.libc;

import com.sun.jna.Pointer;
import dev.iptunnel.errno.Errno;
import dev.iptunnel.libc.WakeableSocket.Readiness;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntUnaryOperator;

/**
 * A lock that one process of a network namespace can hold: the name of an abstract unix socket, unix(7), which only one
 * process can bind. The kernel frees the name when the holder ends, also by SIGKILL. A process that finds the name
 * bound connects to it, reads who holds it, and waits for the end of the connection; nothing polls. Since any process
 * can bind such a name, the credentials of the holder are checked.
 */
public final class AbstractSocketLock implements AutoCloseable {
    private static final Duration FOREVER = Duration.ofDays(20);
    /** So long that a process without rights cannot fill it while the holder is busy. */
    private static final int BACKLOG = 4096;

    private static final int WAITERS = 64;
    private static final int ACCEPTED = Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK;
    private static final int ATTEMPTS = 1000;
    private static final long PAUSE_NANOS = 1_000_000;
    private static final long MOST_GIVE_WAY_NANOS = 50_000_000;

    private final WakeableSocket listener;
    private final byte[] description;
    private final Deque<Integer> waiters = new ArrayDeque<>();
    private final Thread thread;

    private AbstractSocketLock(String name, WakeableSocket listener, String description) {
        this.listener = listener;
        String line = PeerCredentials.printable(description);
        this.description = (line.substring(0, Math.min(line.length(), LockHolder.DESCRIPTION - 1)) + "\n")
                .getBytes(StandardCharsets.US_ASCII);
        this.thread = Thread.ofPlatform().daemon().name("lock " + name).start(this::serve);
    }

    /** The result of {@link #tryAcquire}. */
    public sealed interface Attempt {
        /**
         * The caller holds the lock until it closes it or ends.
         *
         * @param ignored the process that has bound the name without the rights to hold the lock
         */
        record Acquired(AbstractSocketLock lock, Optional<String> ignored) implements Attempt {
            Acquired(AbstractSocketLock lock) {
                this(lock, Optional.empty());
            }
        }

        /** Another process holds the lock. The caller closes the connection to it. */
        record Held(LockHolder holder) implements Attempt {}
    }

    /**
     * Takes the lock, or says which process holds it. A holder without this process's rights does not count: then a
     * longer name is bound that begins with this one. Whichever name is bound, the other names of this kind are searched
     * for a holder that counts: one with a longer name stays the holder when the name itself becomes free.
     *
     * @param name 1 to 80 bytes
     * @param description of the caller, which other processes can read: 255 characters of ASCII are kept
     */
    public static Attempt tryAcquire(String name, String description) {
        return switch (bindOrConnect(name)) {
            case Bound(var socket) -> takeIfAlone(name, name, socket, description, Optional.empty());
            case Connected(var holder) when holder.counts() -> new Attempt.Held(holder);
            case Connected(var holder) -> {
                try (holder) {
                    yield tryOtherName(name, description, holder.identity());
                }
            }
            case Silent _ -> tryOtherName(name, description, "a process that does not answer");
        };
    }

    private static Attempt tryOtherName(String name, String description, String ignored) {
        String other = name + "/" + Long.toHexString(ThreadLocalRandom.current().nextLong());
        if (!(bindOrConnect(other) instanceof Bound(var socket))) {
            throw new LibcException("bind", Errno.EADDRINUSE);
        }
        return takeIfAlone(name, other, socket, description, Optional.of(ignored));
    }

    /** Two processes that do this at once see each other, since each binds before it looks. Both give way and try again. */
    private static Attempt takeIfAlone(
            String name, String bound, WakeableSocket socket, String description, Optional<String> ignored) {
        boolean keep = false;
        try {
            Optional<LockHolder> holder = otherHolder(name, bound);
            if (holder.isEmpty()) {
                keep = true;
                return new Attempt.Acquired(new AbstractSocketLock(bound, socket, description), ignored);
            }
            socket.close();
            LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(MOST_GIVE_WAY_NANOS));
            return new Attempt.Held(holder.get());
        } finally {
            if (!keep) {
                socket.close();
            }
        }
    }

    private static Optional<LockHolder> otherHolder(String name, String bound) {
        for (String found : UnixListeners.startingWith(name)) {
            if (!found.equals(bound) && connectOnce(found) instanceof Connected(var holder)) {
                if (holder.counts() && !holder.released()) {
                    return Optional.of(holder);
                }
                holder.close();
            }
        }
        return Optional.empty();
    }

    /** What binding or connecting to a name led to. */
    private sealed interface Outcome {}

    private record Bound(WakeableSocket socket) implements Outcome {}

    private record Connected(LockHolder holder) implements Outcome {}

    /** The name is bound by a process that does not listen, or that does not accept connections. */
    private record Silent() implements Outcome {}

    /** Tries for a second: another process may be taking or releasing the name, or many may connect at once. */
    private static Outcome bindOrConnect(String name) {
        UnixAddress address = UnixAddress.ofAbstract(name);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            WakeableSocket socket = WakeableSocket.open(Libc.AF_UNIX, Libc.SOCK_STREAM, 0);
            boolean keep = false;
            try {
                if (bind(socket, address)) {
                    socket.call("listen", fd -> Libc.listen(fd, BACKLOG));
                    keep = true;
                    return new Bound(socket);
                }
            } finally {
                if (!keep) {
                    socket.close();
                }
            }
            if (connectOnce(name) instanceof Connected connected) {
                if (!connected.holder().released()) {
                    return connected;
                }
                connected.holder().close();
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return new Silent();
    }

    private static Outcome connectOnce(String name) {
        WakeableSocket socket = WakeableSocket.open(Libc.AF_UNIX, Libc.SOCK_STREAM, 0);
        boolean keep = false;
        try {
            if (connect(socket, UnixAddress.ofAbstract(name))) {
                Connected connected = new Connected(new LockHolder(socket));
                keep = true;
                return connected;
            }
            return new Silent();
        } finally {
            if (!keep) {
                socket.close();
            }
        }
    }

    /** Releases the lock, and ends the connections of the processes that wait for it. */
    @Override
    public void close() {
        listener.close(); // before the connections end, so that the name is free when the waiters try again
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        closeWaiters();
    }

    private static boolean bind(WakeableSocket socket, UnixAddress address) {
        return succeeds(
                socket, "bind", fd -> Libc.bind(fd, address.bytes(), address.length()), Set.of(Errno.EADDRINUSE));
    }

    /** False where the holder does not listen yet, or its queue of connections is full. */
    private static boolean connect(WakeableSocket socket, UnixAddress address) {
        return succeeds(
                socket,
                "connect",
                fd -> Libc.connect(fd, address.bytes(), address.length()),
                Set.of(Errno.ECONNREFUSED, Errno.EAGAIN));
    }

    private static boolean succeeds(
            WakeableSocket socket, String operation, IntUnaryOperator call, Set<Errno> refusals) {
        try {
            socket.call(operation, call);
            return true;
        } catch (LibcException e) {
            if (refusals.contains(e.errno())) {
                return false;
            }
            throw e;
        }
    }

    private void serve() {
        while (listener.await(FOREVER) != Readiness.CLOSED) {
            waiters.removeIf(AbstractSocketLock::closedIfGone);
            if (waiters.size() == WAITERS) {
                Libc.close(waiters.remove()); // it connects again
            }
            try {
                int waiter = listener.call("accept4", fd -> Libc.accept4(fd, Pointer.NULL, Pointer.NULL, ACCEPTED));
                waiters.add(waiter);
                ByteBuffer line = Libc.buffer(description.length).put(0, description);
                Libc.send(waiter, line, description.length, Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL);
            } catch (LibcException e) {
                if (!e.errno().equals(Errno.EBADF)) {
                    LockSupport.parkNanos(PAUSE_NANOS); // out of descriptors, or the other process has gone already
                }
            }
        }
    }

    private static boolean closedIfGone(int waiter) {
        boolean gone = Libc.recv(waiter, Libc.buffer(1), 1, Libc.MSG_DONTWAIT) == 0;
        if (gone) {
            Libc.close(waiter);
        }
        return gone;
    }

    private void closeWaiters() {
        while (!waiters.isEmpty()) {
            Libc.close(waiters.remove());
        }
    }
}
