package dev.iptunnel.set.rollout;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.iptunnel.set.ChildTunnel;
import dev.iptunnel.set.ChildTunnel.Observed;
import dev.iptunnel.set.Edge;
import dev.iptunnel.set.RolloutPolicy;
import dev.iptunnel.set.SetNames;
import dev.iptunnel.set.revision.Revision;
import dev.iptunnel.set.revision.Revisions;
import dev.iptunnel.set.rollout.NodeProgress.Member;
import dev.iptunnel.set.rollout.RolloutDecision.Cause;
import dev.iptunnel.set.rollout.RolloutDecision.Touch;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Nodes with agents that answer, and a controller that decides each two seconds, by a clock that only goes when a test
 * says so.
 */
final class SimulatedFleet {
    static final Duration PASS = Duration.ofSeconds(2);
    private static final String SET = "backbone";

    /** What a template does to a node. */
    enum Effect {
        WORKS,
        /** The agent says that it cannot program it. */
        STALLS,
        /** The agent never answers. */
        SILENCES
    }

    /** A node, and the truth about it. */
    static final class SimulatedNode {
        final String name;
        boolean controlPlane;
        boolean hub;
        /** It is off. */
        boolean dead;
        /** Its tunnels do not work whatever the template, for a reason of its own. */
        boolean broken;

        final List<SimulatedTunnel> tunnels = new ArrayList<>();

        SimulatedNode(String name) {
            this.name = name;
        }

        boolean works() {
            return !dead && !broken && tunnels.stream().allMatch(SimulatedTunnel::works);
        }

        boolean hasTemplate(String template) {
            return tunnels.stream().allMatch(tunnel -> tunnel.template.equals(template));
        }
    }

    /** A tunnel, as the API server holds it. */
    static final class SimulatedTunnel {
        final Edge edge;
        String template = "";
        String revision = "";
        long generation;
        Map<String, String> annotations = Map.of();
        Observed observed = new Observed(-1, "Unknown", "Pending", "", Optional.empty(), Optional.empty());
        long answersAt;

        SimulatedTunnel(Edge edge) {
            this.edge = edge;
        }

        boolean works() {
            return generation > 0
                    && observed.generation() == generation
                    && observed.ready().equals("True");
        }

        ChildTunnel asChild() {
            return new ChildTunnel(
                    SET + "-" + edge.node() + "-" + edge.peer(),
                    "uid",
                    "1",
                    generation,
                    "set-uid",
                    edge,
                    revision,
                    Map.of(),
                    annotations,
                    JsonNodeFactory.instance.objectNode().put("template", template),
                    false,
                    observed);
        }
    }

    final Map<String, SimulatedNode> nodes = new LinkedHashMap<>();
    final Map<String, Effect> effects = new HashMap<>();
    final List<RolloutDecision.Failure> failures = new ArrayList<>();
    final BudgetObserver observer;
    private final Random random;
    RolloutPolicy policy;
    Revisions revisions = new Revisions(SET, List.of(), Optional.empty(), List.of());
    Optional<String> retry = Optional.empty();
    private Optional<String> retried = Optional.empty();
    private Map<String, Sighting> memory = new HashMap<>();
    private String template = "";
    private long now = Duration.ofDays(1).toNanos();
    private Instant wall = Instant.parse("2026-01-01T00:00:00Z");
    /** How many tunnels are written before the controller is killed; the next write resets it. */
    int writesLeft = Integer.MAX_VALUE;

    RolloutDecision last;

    SimulatedFleet(int size, RolloutPolicy policy, int budget, long seed) {
        this.policy = policy;
        random = new Random(seed);
        IntStream.range(0, size).mapToObj(i -> "node" + i).forEach(this::join);
        observer = new BudgetObserver(budget, policy.minReady());
        last = Rollout.decide(new Goal("", Optional.empty(), false, false, false), policy, List.of());
    }

    /** A fleet whose first roll-out is done long ago. */
    static SimulatedFleet settled(int size, RolloutPolicy policy, int budget, long seed) {
        SimulatedFleet fleet = new SimulatedFleet(size, policy, budget, seed);
        fleet.template("first", Effect.WORKS);
        fleet.run(Duration.ofMinutes(60), () -> fleet.isDone("first"));
        fleet.observer.forget();
        return fleet;
    }

    SimulatedNode join(String name) {
        SimulatedNode node = new SimulatedNode(name);
        IntStream.range(0, 2).forEach(i -> node.tunnels.add(new SimulatedTunnel(new Edge(name, "peer" + i))));
        nodes.put(name, node);
        return node;
    }

    void template(String name, Effect effect) {
        effects.put(name, effect);
        template = name;
    }

    /** The controller ends, and another one starts with nothing but what the API server holds. */
    void restart() {
        memory = new HashMap<>();
    }

    void stepWallClock(Duration step) {
        wall = wall.plus(step);
    }

    boolean isDone(String name) {
        return revisionOf(name).isPresent() && revisions.current().equals(revisionOf(name));
    }

    Optional<String> revisionOf(String name) {
        return revisions.known().stream()
                .filter(revision -> revision.text().equals(name))
                .map(Revision::name)
                .findFirst();
    }

    long nodesWith(String name) {
        return nodes.values().stream().filter(node -> node.hasTemplate(name)).count();
    }

    /** Runs passes until something is so, at most this long; returns how long it took. */
    Duration run(Duration most, BooleanSupplier until) {
        Duration taken = Duration.ZERO;
        while (taken.compareTo(most) < 0 && !until.getAsBoolean()) {
            step();
            taken = taken.plus(PASS);
        }
        return taken;
    }

    void run(Duration time) {
        run(time, () -> false);
    }

    void step() {
        now += PASS.toNanos();
        wall = wall.plus(PASS);
        nodes.values().forEach(this::answer);
        last = pass();
        observer.look(nodes.values(), now);
    }

    private void answer(SimulatedNode node) {
        for (SimulatedTunnel tunnel : node.tunnels) {
            if (node.dead) {
                // The controller marks it, as the liveness of agents says.
                tunnel.observed = new Observed(
                        tunnel.observed.generation(),
                        "Unknown",
                        "NodeNotReady",
                        "",
                        Optional.empty(),
                        Optional.empty());
            } else if (tunnel.generation > 0 && tunnel.answersAt <= now) {
                tunnel.observed = status(node, tunnel);
            }
        }
    }

    private Observed status(SimulatedNode node, SimulatedTunnel tunnel) {
        Effect effect = effects.get(tunnel.template);
        if (effect == Effect.SILENCES) {
            return tunnel.observed;
        }
        if (effect == Effect.STALLS) {
            return new Observed(
                    tunnel.generation,
                    "False",
                    "Refused",
                    "It is refused.",
                    Optional.of("InvalidSpec"),
                    Optional.empty());
        }
        return node.broken
                ? new Observed(
                        tunnel.generation,
                        "False",
                        "LinkDown",
                        "The parent is down.",
                        Optional.empty(),
                        Optional.empty())
                : new Observed(tunnel.generation, "True", "Ready", "", Optional.empty(), Optional.empty());
    }

    private RolloutDecision pass() {
        createJoined();
        Revisions.Target target = revisions.target(template, List.of());
        if (target.isNew()) {
            List<Revision> known = new ArrayList<>(revisions.known());
            known.add(target.revision());
            revisions = new Revisions(SET, known, revisions.current(), revisions.failed());
        }
        Goal goal = Goal.of(target.revision().name(), revisions, retry, retried, policy.onFailure());
        retried = goal.retried(retry, retried);
        String wanted = text(goal.compared());
        Map<String, Sighting> seen = new HashMap<>();
        List<NodeProgress> progress = new ArrayList<>();
        for (SimulatedNode node : nodes.values()) {
            NodeProgress of = NodeProgress.of(
                    member(node),
                    goal,
                    policy,
                    child -> child.spec().get("template").asText().equals(wanted),
                    Optional.ofNullable(memory.get(node.name)),
                    now);
            progress.add(of);
            seen.put(node.name, of.sighting());
        }
        memory = seen;
        RolloutDecision decision = Rollout.decide(goal, policy, progress);
        follow(decision);
        return decision;
    }

    private void createJoined() {
        revisions.current().ifPresent(good -> nodes.values().stream()
                .flatMap(node -> node.tunnels.stream())
                .filter(tunnel -> tunnel.generation == 0)
                .forEach(tunnel -> write(tunnel, good, Map.of())));
    }

    private static Member member(SimulatedNode node) {
        return new Member(
                node.name,
                node.controlPlane,
                node.hub,
                node.dead,
                false,
                node.tunnels.size(),
                node.tunnels.stream()
                        .filter(tunnel -> tunnel.generation > 0)
                        .map(SimulatedTunnel::asChild)
                        .toList());
    }

    private void follow(RolloutDecision decision) {
        if (decision.goal().retry()) {
            revisions = revisions.withoutFailed(decision.goal().target());
        }
        decision.failure().ifPresent(failure -> {
            failures.add(failure);
            revisions = revisions.withFailed(failure.revision());
        });
        if (decision.done()) {
            revisions = revisions.withCurrent(decision.goal().target());
        }
        for (Touch touch : decision.touches()) {
            SimulatedNode node = Objects.requireNonNull(nodes.get(touch.node()));
            for (SimulatedTunnel tunnel : node.tunnels) {
                if (writesLeft == 0) {
                    return;
                }
                if (!hasGoal(tunnel, decision.goal())) {
                    writesLeft--;
                    observer.touched(node);
                    apply(tunnel, touch, decision.goal());
                }
            }
        }
    }

    /** Whether an earlier write of this change, before the controller was killed, has changed it. */
    private boolean hasGoal(SimulatedTunnel tunnel, Goal goal) {
        return !goal.retry() && goal.revision().filter(tunnel.revision::equals).isPresent();
    }

    private void apply(SimulatedTunnel tunnel, Touch touch, Goal goal) {
        if (touch.cause() == Cause.MEMBERSHIP) {
            throw new AssertionError("no node moved");
        }
        write(
                tunnel,
                goal.revision().orElseThrow(),
                Map.of(
                        SetNames.UPDATED_AT,
                        wall.toString(),
                        SetNames.WAS_AVAILABLE,
                        Boolean.toString(touch.wasAvailable(tunnel.edge))));
    }

    private void write(SimulatedTunnel tunnel, String revision, Map<String, String> annotations) {
        String text = text(revision);
        if (!tunnel.template.equals(text)) {
            tunnel.template = text;
            tunnel.generation++;
            tunnel.answersAt = now + Duration.ofSeconds(1 + random.nextInt(3)).toNanos();
        }
        tunnel.revision = revision;
        tunnel.annotations = annotations;
    }

    private String text(String revision) {
        return revisions.known().stream()
                .filter(known -> Objects.equals(known.name(), revision))
                .findFirst()
                .orElseThrow()
                .text();
    }
}
