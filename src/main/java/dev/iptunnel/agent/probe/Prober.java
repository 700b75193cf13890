package dev.iptunnel.agent.probe;

import dev.iptunnel.agent.probe.SocketWire.Heard;
import dev.iptunnel.kernel.Heartbeat;
import dev.iptunnel.libc.ProbeSocket.Event;
import dev.iptunnel.libc.ProbeSocket.Event.Answered;
import dev.iptunnel.libc.ProbeSocket.Event.TooLong;
import dev.iptunnel.libc.ProbeSocket.Event.Unreachable;
import dev.iptunnel.libc.ProbeSockets;
import dev.iptunnel.probe.ProbeReport;
import dev.iptunnel.probe.ProbeSubject;
import dev.iptunnel.probe.Probing;
import dev.iptunnel.probe.Reachability;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Probes the tunnels of the node in a thread of its own, which begins with the first of them. Other threads say what is
 * probed, and ask what is known.
 */
public final class Prober implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Prober.class);
    private static final Duration FOREVER = Duration.ofDays(1);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration END = Duration.ofSeconds(2);

    private final InstantSource steady;
    private final Consumer<Set<String>> changed;
    private final Heartbeat heartbeat = new Heartbeat("prober");
    private final Thread thread = Thread.ofPlatform().daemon().name("prober").unstarted(this::run);
    /** Guarded by this, as what it sends by. */
    private final Probing probing;

    private final SocketWire wire = new SocketWire();
    private boolean started;
    private boolean closed;

    /**
     * Probes nothing yet.
     *
     * @param changed is told the names of tunnels whose reachability has changed, by the thread of this
     * @param roundTrips is told how long each answer took
     */
    public Prober(InstantSource steady, Consumer<Set<String>> changed, Consumer<Duration> roundTrips) {
        this.steady = steady;
        this.changed = changed;
        this.probing = new Probing(wire, roundTrips);
    }

    /**
     * Probes a tunnel from now on, or as it is now, and returns what is known.
     *
     * @param before what was known of this object before the agent started
     */
    public synchronized Reachability probe(String tunnel, ProbeSubject subject, Optional<Reachability> before) {
        if (!started && !closed) {
            started = true;
            thread.start();
        }
        probing.put(tunnel, subject, before, steady.instant());
        wake();
        return probing.reachability(tunnel).orElseThrow();
    }

    /** What is known of a tunnel that is probed. */
    public synchronized Optional<Reachability> reachability(String tunnel) {
        return probing.reachability(tunnel);
    }

    public synchronized void forget(String tunnel) {
        probing.remove(tunnel);
    }

    /** Of each tunnel that is probed, in no order. */
    public synchronized List<ProbeReport> reports() {
        return probing.reports();
    }

    public Heartbeat heartbeat() {
        return heartbeat;
    }

    private synchronized void wake() {
        if (!closed) {
            wire.wake();
        }
    }

    private void run() {
        try {
            while (!isClosed()) {
                try {
                    round();
                } catch (RuntimeException e) {
                    log.atError().setCause(e).log("probes failed, and go on in {} s", PAUSE.toSeconds());
                    pause();
                }
            }
        } catch (Error e) {
            heartbeat.ended(e);
            throw e;
        } finally {
            closeSockets();
        }
    }

    private void round() {
        heartbeat.begin();
        Duration wait;
        List<Heard> underWay;
        ProbeSockets sockets;
        try {
            wait = advance();
            synchronized (this) {
                sockets = wire.sockets();
                underWay = wire.underWay();
            }
        } finally {
            heartbeat.end();
        }
        hear(SocketWire.await(sockets, underWay, wait));
    }

    /** Sends what is due, and returns how long nothing else is. */
    private Duration advance() {
        Set<String> news;
        Duration wait;
        synchronized (this) {
            Instant now = steady.instant();
            probing.advance(now);
            news = probing.takeChanged();
            wait = probing.wake().map(then -> Duration.between(now, then)).orElse(FOREVER);
        }
        if (!news.isEmpty()) {
            changed.accept(news);
        }
        return wait.isNegative() ? Duration.ZERO : wait;
    }

    private synchronized void hear(List<Heard> ready) {
        Instant now = steady.instant();
        for (Heard each : ready) {
            if (wire.isUnderWay(each)) {
                each.socket().receive().forEach(event -> hear(each, event, now));
            }
        }
    }

    private void hear(Heard heard, Event event, Instant now) {
        switch (event) {
            case Answered(int sequence) -> probing.answered(heard.tunnel(), sequence, now);
            case TooLong(int mtu) -> probing.tooLong(heard.tunnel(), mtu, now);
            case Unreachable unreachable -> probing.saw(heard.tunnel(), ProbeErrors.of(heard.subject(), unreachable));
        }
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            closeSockets();
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private synchronized void closeSockets() {
        closed = true;
        wire.close();
    }

    /** Waits until the thread has ended. */
    @Override
    public void close() {
        synchronized (this) {
            wake();
            closed = true;
        }
        try {
            thread.join(END.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
