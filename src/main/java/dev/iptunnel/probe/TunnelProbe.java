package dev.iptunnel.probe;

import dev.iptunnel.probe.Liveness.State;
import dev.iptunnel.probe.ProbeObstacle.Kind;
import dev.iptunnel.probe.ReachabilityReason.Answer;
import dev.iptunnel.tunnel.ProbeSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/**
 * What is known of one tunnel by its probes, and how long the packets of the next one are. Most probes are short. A search
 * for the path's MTU sends long ones; one that is lost counts only if a short one is answered after it. Not thread-safe.
 */
final class TunnelProbe {
    /** Of a probe, so that a peer counts as silent only after the loss of several packets in each of several probes. */
    private static final int MOST_PACKETS = 3;
    /** At least between two packets: a peer may refuse to answer more often. */
    static final Duration APART = Duration.ofSeconds(1);

    private final int shortest;
    private ProbeSubject subject;
    private Liveness liveness;
    private PathMtuCheck check;
    private Reachability reachability;
    private Optional<ProbeObstacle> obstacle = Optional.empty();
    /** Whether the way with this obstacle was answered, so that silence counts in spite of it. */
    private boolean answersInSpite;
    /** The length of a lost packet that a short one has to explain. */
    private OptionalInt unexplained = OptionalInt.empty();

    private boolean confirmed;
    private int length;

    /**
     * @param shortest packet, in bytes
     * @param before what was known before the agent started; it holds until the probes say otherwise
     */
    TunnelProbe(ProbeSubject subject, int shortest, Optional<Reachability> before) {
        this.subject = subject;
        this.shortest = shortest;
        this.length = shortest;
        this.check = PathMtuCheck.of(subject);
        Optional<Reachability> known = before.filter(then -> then.answer() != Answer.UNKNOWN);
        this.liveness = known.map(TunnelProbe::livenessOf).orElse(Liveness.UNKNOWN);
        this.reachability = known.orElseGet(() -> Reachability.starting(subject));
        this.answersInSpite = known.isPresent();
    }

    private static Liveness livenessOf(Reachability then) {
        return switch (then.reason()) {
            case PEER_ANSWERS, PATH_MTU_TOO_SMALL -> Liveness.ANSWERING;
            default -> Liveness.SILENT;
        };
    }

    /** The tunnel is another now, with the same source and target. */
    void become(ProbeSubject now) {
        if (!now.takesTheWayOf(subject) || !now.settings().verifiesPathMtu()) {
            check = PathMtuCheck.of(now);
            unexplained = OptionalInt.empty();
        }
        subject = now;
        update();
    }

    ProbeSubject subject() {
        return subject;
    }

    Reachability reachability() {
        return reachability;
    }

    /** The longest packet that passed at the last search, in bytes. */
    OptionalInt pathMtu() {
        return check.result();
    }

    /** Begins a probe, and returns the length of its packets in bytes. */
    int begin(Instant now) {
        boolean searches = subject.settings().verifiesPathMtu() && liveness.state() == State.ANSWERING;
        if (searches && unexplained.isEmpty()) {
            check = check.at(now);
        }
        length = searches && unexplained.isEmpty()
                ? check.search().map(PathMtuSearch::next).orElse(shortest)
                : shortest;
        return length;
    }

    boolean isShort() {
        return length == shortest;
    }

    /** How many packets the probe may have: one is enough to find that a silent peer is still silent. */
    int packets() {
        ProbeSettings settings = subject.settings();
        long further = settings.interval().minus(settings.timeout()).dividedBy(APART);
        return liveness.state() == State.SILENT ? 1 : Math.clamp(1 + further, 1, MOST_PACKETS);
    }

    /** Whether the next probe does not wait for the tunnel's interval: after one that was lost, and during a search. */
    boolean isEager() {
        boolean doubtful = liveness.state() != State.SILENT && liveness.contrary() > 0;
        boolean searches = liveness.state() == State.ANSWERING
                && subject.settings().verifiesPathMtu()
                && (unexplained.isPresent()
                        || check.isSearching()
                        || check.result().isEmpty());
        return doubtful || searches;
    }

    /** @param inSpite what was in the way */
    void answered(Optional<ProbeObstacle> inSpite, Instant now) {
        answersInSpite |=
                inSpite.filter(what -> what.kind() == Kind.NOT_PERMITTED).isPresent();
        boolean wasSilent = liveness.state() == State.SILENT;
        liveness = liveness.answered(subject.settings());
        if (wasSilent && liveness.state() == State.ANSWERING) {
            check = check.atOnce();
        }
        if (!isShort()) {
            step(PathMtuSearch::passed, now);
        } else if (unexplained.isPresent()) {
            unexplained = OptionalInt.empty();
            step(PathMtuSearch::lost, now);
        }
        confirmed |= liveness.state() == State.ANSWERING;
        update();
        if (liveness.state() == State.ANSWERING) {
            obstacle = Optional.empty();
        }
    }

    /** @param seen of the probe that was lost */
    void lost(Optional<ProbeObstacle> seen, Instant now) {
        if (!isShort()) {
            unexplained = OptionalInt.of(length);
            return;
        }
        unexplained = OptionalInt.empty();
        liveness = liveness.unanswered(subject.settings());
        obstacle = after(seen.filter(what -> what.kind() != Kind.NOT_PERMITTED || !answersInSpite));
        confirmed |= liveness.state() == State.SILENT;
        update();
    }

    /** ICMP messages come now and then only: what they said holds until the peer answers. */
    private Optional<ProbeObstacle> after(Optional<ProbeObstacle> seen) {
        boolean said = obstacle.filter(what -> what.kind() == Kind.UNREACHABLE).isPresent();
        boolean missing =
                seen.filter(what -> what.kind() == Kind.NOT_PROGRAMMED).isPresent();
        return said && !missing ? obstacle : seen;
    }

    /** A router said that no packet longer than this passes. */
    void tooLong(int longest, Instant now) {
        if (!isShort()) {
            step(search -> search.limited(longest), now);
            update();
        }
    }

    private void step(UnaryOperator<PathMtuSearch> step, Instant now) {
        check = check.search()
                .map(search -> check.after(step.apply(search), now))
                .orElse(check);
    }

    private void update() {
        if (confirmed) {
            reachability = switch (liveness.state()) {
                case UNKNOWN -> reachability;
                case SILENT -> silent();
                case ANSWERING -> answering();
            };
        }
    }

    private Reachability silent() {
        boolean saidMore = obstacle.isEmpty() && reachability.reason() == ReachabilityReason.ADDRESS_UNREACHABLE;
        return saidMore ? reachability : Reachability.silent(subject, obstacle);
    }

    private Reachability answering() {
        if (!subject.settings().verifiesPathMtu()) {
            return Reachability.answers(subject);
        }
        if (check.result().isPresent()) {
            return Reachability.answers(subject, check.result().getAsInt());
        }
        // The first search decides; until then what is known holds, unless that is silence.
        boolean holds = reachability.reason() == ReachabilityReason.STARTING
                || livenessOf(reachability).state() == State.ANSWERING;
        return holds ? reachability : Reachability.answers(subject);
    }
}
