package dev.iptunnel.probe;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The probes of all tunnels of a node, by the object's name. Instants are of a clock that only runs forward. Whoever calls
 * this tells it the time, and what the {@link ProbeWire} hears. Not thread-safe.
 */
public final class Probing {
    private final ProbeWire wire;
    private final Consumer<Duration> roundTrips;
    private final ProbeSchedule schedule = new ProbeSchedule();
    private final Map<String, Probed> tunnels = new HashMap<>();
    /** The tunnels of which a probe is under way, and that probe. */
    private final Map<Probed, ProbeRound> rounds = new LinkedHashMap<>();

    private final Set<String> changed = new HashSet<>();

    /** A tunnel of that name. */
    private static final class Probed {
        private final String name;
        private final TunnelProbe probe;
        private ProbeCounts counts = ProbeCounts.NONE;

        Probed(String name, TunnelProbe probe) {
            this.name = name;
            this.probe = probe;
        }
    }

    /** @param roundTrips is told how long each answer took */
    public Probing(ProbeWire wire, Consumer<Duration> roundTrips) {
        this.wire = wire;
        this.roundTrips = roundTrips;
    }

    /**
     * Probes a tunnel from now on, or as it is now.
     *
     * @param before what was known of this object before the agent started
     */
    public void put(String name, ProbeSubject subject, Optional<Reachability> before, Instant now) {
        Optional<Probed> known = probed(name);
        if (known.filter(tunnel -> tunnel.probe.subject().equals(subject)).isPresent()) {
            return;
        }
        known.filter(tunnel -> subject.asksTheSameAs(tunnel.probe.subject()))
                .ifPresentOrElse(
                        tunnel -> {
                            end(tunnel);
                            tunnel.probe.become(subject);
                        },
                        () -> {
                            remove(name);
                            int shortest = wire.shortest(subject.target());
                            tunnels.put(name, new Probed(name, new TunnelProbe(subject, shortest, before)));
                        });
        schedule.put(name, subject.uid(), subject.settings().interval(), now);
    }

    public void remove(String name) {
        Probed tunnel = tunnels.remove(name);
        if (tunnel != null) {
            end(tunnel);
            schedule.remove(name);
            changed.remove(name);
        }
    }

    private Optional<Probed> probed(String name) {
        return Optional.ofNullable(tunnels.get(name));
    }

    /** Empty if the tunnel is not probed. */
    public Optional<Reachability> reachability(String name) {
        return probed(name).map(tunnel -> tunnel.probe.reachability());
    }

    /** Sends what is due, and ends what was not answered in time. */
    public void advance(Instant now) {
        List<Probed> late = rounds.entrySet().stream()
                .filter(round -> !now.isBefore(round.getValue().deadline()))
                .map(Map.Entry::getKey)
                .toList();
        late.forEach(tunnel -> underWay(tunnel.name, (of, round) -> late(of, round, now)));
        schedule.next(now)
                .flatMap(this::probed)
                .ifPresent(tunnel -> send(tunnel, ProbeRound.of(tunnel.probe.begin(now)), now));
    }

    private void underWay(String name, BiConsumer<Probed, ProbeRound> action) {
        probed(name).ifPresent(tunnel -> Optional.ofNullable(rounds.get(tunnel))
                .ifPresent(round -> action.accept(tunnel, round)));
    }

    private void late(Probed tunnel, ProbeRound round, Instant now) {
        if (round.sent().size() < tunnel.probe.packets()) {
            send(tunnel, round, now);
        } else {
            count(tunnel, counts -> counts.lost(round.sent().size()));
            finish(tunnel, round, now, () -> tunnel.probe.lost(round.obstacle(), now));
        }
    }

    private void send(Probed tunnel, ProbeRound round, Instant now) {
        ProbeSubject subject = tunnel.probe.subject();
        Optional<ProbeObstacle> obstacle =
                wire.send(tunnel.name, subject, round.sent().size(), round.length());
        boolean last = round.sent().size() + 1 >= tunnel.probe.packets();
        Duration patience = last ? subject.settings().timeout() : TunnelProbe.APART;
        rounds.put(tunnel, round.sent(now, now.plus(patience), obstacle));
        count(tunnel, ProbeCounts::oneSent);
    }

    private static void count(Probed tunnel, UnaryOperator<ProbeCounts> change) {
        if (tunnel.probe.isShort()) {
            tunnel.counts = change.apply(tunnel.counts);
        }
    }

    /**
     * The target answered a packet of the tunnel's probe. Those before it count as lost.
     *
     * @param sequence of the packet
     */
    public void answered(String name, int sequence, Instant now) {
        underWay(name, (tunnel, round) -> round.roundTrip(sequence, now).ifPresent(took -> {
            roundTrips.accept(took);
            count(tunnel, counts -> counts.lost(sequence).answered(took));
            finish(tunnel, round, now, () -> tunnel.probe.answered(round.obstacle(), now));
        }));
    }

    /** Somebody said that no packet of the tunnel longer than this passes. */
    public void tooLong(String name, int longest, Instant now) {
        underWay(name, (tunnel, round) -> {
            if (!tunnel.probe.isShort()) {
                finish(tunnel, round, now, () -> tunnel.probe.tooLong(longest, now));
            }
        });
    }

    /** Something was seen that may be why no answer comes. */
    public void saw(String name, ProbeObstacle obstacle) {
        underWay(name, (tunnel, round) -> rounds.put(tunnel, round.saw(obstacle)));
    }

    private void finish(Probed tunnel, ProbeRound round, Instant now, Runnable judge) {
        end(tunnel);
        Reachability before = tunnel.probe.reachability();
        judge.run();
        if (!tunnel.probe.reachability().equals(before)) {
            changed.add(tunnel.name);
        }
        if (tunnel.probe.isEager()) {
            Instant earliest = round.sent().getLast().plus(TunnelProbe.APART);
            schedule.soon(tunnel.name, earliest.isBefore(now) ? now : earliest);
        } else {
            schedule.again(tunnel.name, round.sent().getFirst());
        }
    }

    private void end(Probed tunnel) {
        if (rounds.remove(tunnel) != null) {
            wire.end(tunnel.name);
        }
    }

    /** When {@link #advance} has to be called next; empty while nothing is probed. */
    public Optional<Instant> wake() {
        return Stream.concat(rounds.values().stream().map(ProbeRound::deadline), schedule.wake().stream())
                .min(Instant::compareTo);
    }

    /** The tunnels whose reachability has changed since the last call. */
    public Set<String> takeChanged() {
        Set<String> taken = Set.copyOf(changed);
        changed.clear();
        return taken;
    }

    /** Of each tunnel, in no order. */
    public List<ProbeReport> reports() {
        return tunnels.values().stream()
                .map(tunnel -> new ProbeReport(
                        tunnel.name,
                        tunnel.probe.reachability(),
                        tunnel.counts,
                        schedule.effective(tunnel.probe.subject().settings().interval()),
                        tunnel.probe.pathMtu()))
                .toList();
    }
}
