package dev.iptunnel.kernel;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;

/**
 * Watches whether a thread, or each thread of a pool, still does its work. The thread says when it begins and ends a
 * piece of work, so a thread that waits for work costs nothing and is never late. A piece of work may take five minutes
 * without {@link #progress}; the time in which it waits for other threads does not count.
 */
public final class Heartbeat {
    /** Longer than any work takes on a slow node. Every request to the API server ends sooner. */
    static final Duration LONGEST = Duration.ofMinutes(5);

    private static final ThreadLocal<Heartbeat> CURRENT = new ThreadLocal<>();

    private final String name;
    private final LongSupplier nanoTime;
    /** The time of the last progress, by thread at work. */
    private final Map<Thread, Long> working = new ConcurrentHashMap<>();

    private final Set<Thread> waiting = ConcurrentHashMap.newKeySet();

    private volatile Optional<String> ended = Optional.empty();

    /** @param name of the thread or the pool, for a person */
    public Heartbeat(String name) {
        this(name, System::nanoTime);
    }

    Heartbeat(String name, LongSupplier nanoTime) {
        this.name = name;
        this.nanoTime = nanoTime;
    }

    /** The calling thread begins a piece of work. */
    public void begin() {
        CURRENT.set(this);
        working.put(Thread.currentThread(), nanoTime.getAsLong());
    }

    /** The calling thread has ended the piece of work, with success or not. */
    public void end() {
        CURRENT.remove();
        working.remove(Thread.currentThread());
    }

    /** The calling thread, if it has a heartbeat and is at work, has done a part of the work, such as one request. */
    public static void progress() {
        Heartbeat current = CURRENT.get();
        if (current != null) {
            current.working.replace(Thread.currentThread(), current.nanoTime.getAsLong());
        }
    }

    /**
     * The calling thread waits for others that are watched as well: it is not stuck, however long they take. Then the
     * time without progress begins anew.
     */
    public static void whileWaiting(Runnable wait) {
        Heartbeat current = CURRENT.get();
        if (current == null) {
            wait.run();
            return;
        }
        current.waiting.add(Thread.currentThread());
        try {
            wait.run();
        } finally {
            progress();
            current.waiting.remove(Thread.currentThread());
        }
    }

    /** A part of the calling thread's work, for a helper thread, which is then watched as the calling thread is. */
    public static Runnable shared(Runnable part) {
        Heartbeat current = CURRENT.get();
        return current == null ? part : () -> current.watch(part);
    }

    private void watch(Runnable work) {
        begin();
        try {
            work.run();
        } finally {
            end();
        }
    }

    /** The thread ended, so its work is not done any more. */
    public void ended(Throwable cause) {
        if (ended.isEmpty()) {
            ended = Optional.of("thread " + name + " ended: " + cause);
        }
    }

    /** What is wrong, in one line for a person; empty while all is well. */
    public Optional<String> trouble() {
        if (ended.isPresent()) {
            return ended;
        }
        long now = nanoTime.getAsLong();
        return working.keySet().stream()
                .flatMap(thread -> stuck(thread, now).stream())
                .findFirst();
    }

    private Optional<String> stuck(Thread thread, long now) {
        boolean waits = waiting.contains(thread); // before its progress is looked up, since a wait ends with progress
        long silent = now - working.getOrDefault(thread, now);
        return silent <= LONGEST.toNanos() || waitsForAnother(thread, waits)
                ? Optional.empty()
                : Optional.of("thread %s is stuck for %d s, at %s"
                        .formatted(name, Duration.ofNanos(silent).toSeconds(), where(thread)));
    }

    /** A thread that waits for a monitor is not stuck itself, either, unless threads wait for each other. */
    private static boolean waitsForAnother(Thread thread, boolean waits) {
        return (waits || thread.getState() == Thread.State.BLOCKED) && !isDeadlocked(thread);
    }

    private static boolean isDeadlocked(Thread thread) {
        long[] deadlocked = ManagementFactory.getThreadMXBean().findDeadlockedThreads();
        return deadlocked != null && LongStream.of(deadlocked).anyMatch(id -> id == thread.threadId());
    }

    private static String where(Thread thread) {
        StackTraceElement[] stack = thread.getStackTrace();
        return stack.length == 0 ? "no frame" : stack[0].toString();
    }
}
