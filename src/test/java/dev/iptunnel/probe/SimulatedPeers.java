package dev.iptunnel.probe;

import dev.iptunnel.probe.ProbeObstacle.Kind;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.ProbeSettings;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;

/** The peers of many tunnels, the ways to them, and a clock: what a node's {@link Probing} meets. */
final class SimulatedPeers implements ProbeWire {
    static final ProbeSettings DEFAULTS =
            new ProbeSettings(Optional.empty(), Duration.ofSeconds(10), Duration.ofSeconds(2), 3, 2, false);

    private static final Duration ROUND_TRIP = Duration.ofMillis(3);
    private static final int SHORTEST = 44;

    final Probing probing = new Probing(this, _ -> {});
    final List<Instant> sent = new ArrayList<>();
    final Map<String, Integer> longest = new HashMap<>();
    final Set<String> underWay = new HashSet<>();
    private final PriorityQueue<Delivery> deliveries = new PriorityQueue<>((a, b) -> a.at.compareTo(b.at));
    private final Random random;
    Instant now = Instant.EPOCH;

    /** What part of the packets is lost on the way there or back. */
    double loss;
    /** The longest packet that passes. */
    int pathMtu = 65_535;
    /** Whether somebody says that a packet was too long. */
    boolean tells;

    Optional<ProbeObstacle> obstacle = Optional.empty();

    private record Delivery(Instant at, Runnable event) {}

    SimulatedPeers(long seed) {
        random = new Random(seed);
    }

    static ProbeSubject subject(String name, ProbeSettings settings, int mtu) {
        return new ProbeSubject(
                "uid-of-" + name,
                name,
                7,
                mtu,
                IpFamily.IPV4.parse("192.0.2.2"),
                IpFamily.IPV4.parse("10.9.0.1"),
                IpFamily.IPV4.parse("10.9.0.2"),
                settings);
    }

    void probe(String name, ProbeSettings settings) {
        probing.put(name, subject(name, settings, 1480), Optional.empty(), now);
    }

    @Override
    public Optional<ProbeObstacle> send(String tunnel, ProbeSubject subject, int sequence, int length) {
        sent.add(now);
        longest.merge(tunnel, length, Math::max);
        underWay.add(tunnel);
        if (length > pathMtu) {
            if (tells) {
                deliver(() -> probing.tooLong(tunnel, pathMtu, now));
            }
        } else if (random.nextDouble() >= loss) {
            deliver(() -> probing.answered(tunnel, sequence, now));
        }
        obstacle.filter(seen -> seen.kind() == Kind.UNREACHABLE)
                .ifPresent(seen -> deliver(() -> probing.saw(tunnel, seen)));
        return obstacle.filter(seen -> seen.kind() != Kind.UNREACHABLE);
    }

    private void deliver(Runnable event) {
        deliveries.add(new Delivery(now.plus(ROUND_TRIP), event));
    }

    @Override
    public void end(String tunnel) {
        underWay.remove(tunnel);
    }

    @Override
    public int shortest(InetAddress target) {
        return SHORTEST;
    }

    /** Lets time pass, as the thread of the agent does. */
    void pass(Duration time) {
        Instant end = now.plus(time);
        for (Instant next = next(end); next.isBefore(end); next = next(end)) {
            now = next.isBefore(now) ? now : next;
            while (!deliveries.isEmpty() && !deliveries.peek().at.isAfter(now)) {
                deliveries.poll().event.run();
            }
            probing.advance(now);
        }
        now = end;
    }

    private Instant next(Instant end) {
        Instant wake = probing.wake().orElse(end);
        return deliveries.isEmpty() || wake.isBefore(deliveries.peek().at) ? wake : deliveries.peek().at;
    }

    Reachability reachability(String name) {
        return probing.reachability(name).orElseThrow();
    }
}
