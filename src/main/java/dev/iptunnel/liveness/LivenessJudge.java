package dev.iptunnel.liveness;

import dev.iptunnel.liveness.Spells.Spell;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Judges agents by when it saw their Leases change, on its own clock, so the clocks of nodes do not matter. It is to look
 * every 5 seconds. It judges nothing in its first 60 seconds, and begins anew when it was cut off or stopped: it cannot know
 * what it would have seen.
 *
 * <p>Not thread-safe.
 */
public final class LivenessJudge {
    /** A Lease is renewed every 20 to 22 seconds. */
    static final Duration DEAD_AFTER = Duration.ofSeconds(60);
    /** A Node may be created after the IpTunnels that name it. */
    static final Duration NOT_FOUND_AFTER = Duration.ofMinutes(5);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);
    private static final int FEWEST_FOR_MANY = 5;
    private static final double MANY = 0.55;

    private enum NodeState {
        READY,
        NOT_READY,
        ABSENT
    }

    private final Spells<String> leases = new Spells<>();
    private final Spells<NodeState> nodes = new Spells<>();
    private Optional<Instant> last = Optional.empty();
    /** Whether the last look was at a current view. */
    private boolean current;

    /** The verdicts at this instant. Those of death by a Lease are to be confirmed with the API server. */
    public Judgement look(FleetSighting seen) {
        boolean paused = last.filter(before -> before.plus(LONGEST_PAUSE).isBefore(seen.now()))
                .isPresent();
        last = Optional.of(seen.now());
        boolean anew = current && (paused || !seen.current());
        current = seen.current();
        if (paused || !current) {
            restart();
        }
        leases.look(seen.renewals(), seen.now());
        Map<String, NodeState> states = new HashMap<>();
        seen.judged().forEach(node -> states.put(node, state(node, seen)));
        nodes.look(states, seen.now());
        Map<String, AgentVerdict> verdicts = new TreeMap<>();
        seen.judged().forEach(node -> verdicts.put(node, verdict(node, seen)));
        return new Judgement(verdicts, areMany(seen, verdicts), anew);
    }

    /** Forgets what was seen, for example because the API server did not answer. */
    public void restart() {
        leases.clear();
        nodes.clear();
    }

    private static NodeState state(String node, FleetSighting seen) {
        Boolean ready = seen.nodes().get(node);
        if (ready == null) {
            return NodeState.ABSENT;
        }
        return ready ? NodeState.READY : NodeState.NOT_READY;
    }

    private AgentVerdict verdict(String node, FleetSighting seen) {
        Spell<NodeState> state = nodes.of(node).orElseThrow();
        return leases.of(node)
                .map(lease -> byLease(lease, state.value(), seen.now()))
                .orElseGet(() -> byNode(state, seen.served().getOrDefault(node, false), seen.now()));
    }

    private static AgentVerdict byLease(Spell<String> lease, NodeState node, Instant now) {
        if (!lease.lasts(DEAD_AFTER, now)) {
            return lease.changed() ? AgentVerdict.ALIVE : AgentVerdict.NOT_JUDGED;
        }
        return switch (node) {
            case READY -> AgentVerdict.AGENT_NOT_RESPONDING;
            case NOT_READY -> AgentVerdict.NODE_NOT_READY;
            case ABSENT -> AgentVerdict.NODE_GONE;
        };
    }

    /** An agent that has no Lease may be an older one, or one with {@code --lease=false}. */
    private static AgentVerdict byNode(Spell<NodeState> node, boolean served, Instant now) {
        if (node.value() == NodeState.READY || !node.lasts(DEAD_AFTER, now)) {
            return AgentVerdict.NOT_JUDGED;
        }
        if (node.value() == NodeState.NOT_READY) {
            return AgentVerdict.NODE_NOT_READY;
        }
        if (served) {
            return AgentVerdict.NODE_GONE;
        }
        return node.lasts(NOT_FOUND_AFTER, now) ? AgentVerdict.NODE_NOT_FOUND : AgentVerdict.NOT_JUDGED;
    }

    private static boolean areMany(FleetSighting seen, Map<String, AgentVerdict> verdicts) {
        List<AgentVerdict> leased = seen.renewals().keySet().stream()
                .map(verdicts::get)
                .filter(verdict -> verdict != AgentVerdict.NODE_GONE)
                .toList();
        long dead = leased.stream().filter(AgentVerdict::isDead).count();
        return leased.size() >= FEWEST_FOR_MANY && dead > MANY * leased.size();
    }
}
