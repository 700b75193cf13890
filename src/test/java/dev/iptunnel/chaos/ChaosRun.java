package dev.iptunnel.chaos;

import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.chaos.FaultInjector.Injected;
import dev.iptunnel.chaos.FaultKind.Changes;
import dev.iptunnel.chaos.Look.Place;
import dev.iptunnel.chaos.Script.Step;
import dev.iptunnel.cluster.Cluster;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;

/** Plays a {@link Script} on the cluster, and looks after each step whether all is right. */
final class ChaosRun {
    private static final int STEPS_TO_A_FULL_CHECK = 4;
    private static final int PATIENCE_AT_THE_START = 120;
    private static final Map<String, List<String>> NODE_ADDRESSES =
            Map.of("node1", List.of("10.77.0.1", "fd77::1"), "node2", List.of("10.77.0.2", "fd77::2"));
    /** After which all has to be as right as it was. */
    private static final Duration STABILITY = Duration.ofMillis(300);
    /** After a look, more after the next one: looks keep the node from what is waited for. */
    private static final Duration REST = Duration.ofMillis(50);

    private static final int MOST_RESTS = 20;

    private final Script script;
    private final Cluster cluster;
    private final History history;
    private final KubernetesClient client;
    private final Nodes nodes;
    private final ObjectChanger objects;
    private final AgentPods pods;
    private final String manager;
    private final Oracle oracle;
    private final FaultInjector injector;
    private final RepairTimes repairs = new RepairTimes();
    private final Tally total = new Tally();
    private final Map<String, AgentProcess> warm = new HashMap<>();
    private Map<String, Place> places = Map.of();
    private Set<String> touched = Set.of();
    private final List<SilentChange> silent = new ArrayList<>();

    ChaosRun(Script script, Cluster cluster, KubernetesClient client, Nodes nodes, History history) {
        this.script = script;
        this.cluster = cluster;
        this.history = history;
        this.client = client;
        this.nodes = nodes;
        objects = new ObjectChanger(client, history);
        pods = new AgentPods(cluster);
        manager = cluster.client
                .namespaces()
                .withName("kube-system")
                .require()
                .getMetadata()
                .getUid();
        oracle = new Oracle(manager, NODE_ADDRESSES);
        injector = new FaultInjector(cluster, nodes, objects, manager);
    }

    /** Something is not as it should be. */
    static final class WrongException extends RuntimeException {
        WrongException(List<String> problems) {
            super(String.join("\n", problems));
        }
    }

    void play() {
        cluster.awaitAgents(Nodes.NAMES.size());
        Nodes.NAMES.forEach(nodes::setUp);
        objects.apply(script.initial());
        Quiet quiet = awaitQuiet(PATIENCE_AT_THE_START, Instant.now());
        places = quiet.look().places();
        fullCheck(0, quiet.look());
        int number = 0;
        for (Step step : script.steps()) {
            number++;
            play(number, step);
        }
        awaitRepairOfSilentChanges();
        history.say("repair times, seconds from the end of the fault:\n" + repairs);
        history.say(number + " faults; compared in all: " + total);
        List<String> never = empty(total, "destinations of packets");
        if (!never.isEmpty()) {
            throw new WrongException(never);
        }
    }

    private void play(int number, Step step) {
        Fault fault = step.fault();
        injector.endLasting();
        pods.explain(fault);
        history.say("fault " + number + ": " + fault);
        Changes when = fault.kind().changes();
        CompletableFuture<Void> changes = when == Changes.AFTERWARDS
                ? CompletableFuture.completedFuture(null)
                : CompletableFuture.runAsync(() -> objects.apply(step.changes()));
        if (when == Changes.BEFORE) {
            join(changes);
            awaitQuiet(fault.kind().patience(), Instant.now());
        }
        Instant begin = Instant.now();
        Injected injected = injector.inject(fault);
        history.say("    did: " + injected.note());
        if (when == Changes.AFTERWARDS) {
            objects.apply(step.changes());
        }
        join(changes);
        Instant end = Instant.now();
        silent.addAll(injected.silent());
        Quiet quiet = awaitQuiet(fault.kind().patience(), end);
        repairs.add(fault.kind().toString(), quiet.kernelRight());
        history.say("    right again after %.2f s, statuses after %.2f s, at look %d"
                .formatted(
                        quiet.kernelRight().toMillis() / 1e3, quiet.allRight().toMillis() / 1e3, quiet.looks()));
        requireSamePlaces(step, injected, quiet.look());
        if (fault.kind() == FaultKind.NETLINK_FLOOD) {
            requireLossNoticed(fault.node(), begin);
        }
        if (fault.kind() == FaultKind.CLOCK_STEPPED) {
            // Of two containers the kubelet believes in the one with the later time. After the clock was set
            // back that one has ended already, and the pod of the running one is never called ready.
            AgentPods.delete(cluster, fault.node());
        }
        cluster.awaitAgents(Nodes.NAMES.size());
        if (number % STEPS_TO_A_FULL_CHECK == 0 || number == script.steps().size()) {
            fullCheck(number, quiet.look());
        }
    }

    private void awaitRepairOfSilentChanges() {
        silent.stream().map(SilentChange::patienceUntil).max(Instant::compareTo).ifPresent(last -> {
            silent.clear();
            awaitQuiet(Math.max(1, (int) Duration.between(Instant.now(), last).toSeconds()), Instant.now());
        });
    }

    private static void join(CompletableFuture<Void> changes) {
        try {
            changes.join();
        } catch (CompletionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    /** @param look the last one, at which all was right */
    private record Quiet(Duration kernelRight, Duration allRight, int looks, Look look) {}

    private Quiet awaitQuiet(int patience, Instant since) {
        Instant deadline = Instant.now().plusSeconds(patience);
        Instant kernelRight = null;
        boolean extended = false;
        int looks = 0;
        while (true) {
            looks++;
            Look look;
            try {
                look = look();
            } catch (KubernetesClientException unreachable) {
                look = new Look(
                        List.of("the API server: " + unreachable.getMessage()), List.of(), Map.of(), new Tally());
            }
            Instant now = Instant.now();
            if (!look.kernelProblems().isEmpty()) {
                kernelRight = null;
            } else if (kernelRight == null) {
                kernelRight = now;
            }
            if (look.problems().isEmpty() && kernelRight != null) {
                Pause.of(STABILITY);
                Look again = look();
                if (again.problems().isEmpty() && again.places().equals(look.places())) {
                    return new Quiet(Duration.between(since, kernelRight), Duration.between(since, now), looks, again);
                }
                look = again;
            }
            if (now.isAfter(deadline) && !extended && !AgentPods.areReady(cluster)) {
                extended = true;
                history.say("    not right after " + patience + " s, but an agent was started again");
                cluster.awaitAgents(Nodes.NAMES.size());
                deadline = Instant.now().plusSeconds(patience);
            } else if (now.isAfter(deadline)) {
                List<String> problems = new ArrayList<>(List.of("not right after " + patience + " s:"));
                problems.addAll(look.problems());
                throw new WrongException(problems);
            }
            Pause.of(REST.multipliedBy(Math.min(looks, MOST_RESTS)));
        }
    }

    private Look look() {
        silent.removeIf(SilentChange::isOver);
        return Look.at(client.resources(IpTunnel.class).list().getItems(), nodes, oracle, manager)
                .without(silent);
    }

    /** A tunnel that nobody removed, and whose object nobody changed, keeps its ifindex. */
    private void requireSamePlaces(Step step, Injected injected, Look look) {
        Set<String> changed = new HashSet<>();
        step.changes().forEach(change -> changed.add(change.name()));
        List<String> problems = new ArrayList<>();
        places.forEach((name, before) -> {
            Place now = look.places().get(name);
            boolean excused = changed.contains(name)
                    || before.shared()
                    || (injected.everything() && before.node().equals(injected.node()))
                    || injected.touched().contains(before.interfaceName())
                    || touched.contains(before.interfaceName())
                    || silent.stream().anyMatch(change -> change.isOf(before));
            if (now != null && !excused && !now.shared()) {
                total.count("ifindexes kept");
                if (now.ifindex() != before.ifindex()) {
                    problems.add(name + " had " + before + " and has " + now + ", though nobody removed it");
                }
            }
        });
        places = look.places();
        touched = injected.touched();
        if (!problems.isEmpty()) {
            throw new WrongException(problems);
        }
    }

    private void requireLossNoticed(String node, Instant since) {
        String log = AgentPods.log(
                cluster, node, Duration.between(since, Instant.now()).plusSeconds(2));
        if (!log.contains("kernel events were lost")) {
            throw new WrongException(List.of("the flood lost no event of " + node + "'s agent, so it showed nothing"));
        }
        total.count("floods that lost events");
    }

    private void fullCheck(int number, Look look) {
        List<String> problems = new ArrayList<>();
        Tally tally = new Tally();
        tally.add(look.tally());
        for (String node : Nodes.NAMES) {
            problems.addAll(pods.problems(node, tally));
            AgentProcess agent = AgentProcess.on(nodes.shell(node));
            AgentProcess first = warm.computeIfAbsent(node, _ -> agent);
            tally.count("agents' processes");
            history.say("    agent of " + node + ": " + agent);
            if (agent.hasGrownSince(first)) {
                problems.add("the agent of " + node + " has grown: " + first + " at the start, now " + agent);
            }
        }
        history.say("check after fault " + number + ": " + tally);
        total.add(tally);
        problems.addAll(empty(tally, "tunnels", "conditions", "interfaces of others"));
        if (!problems.isEmpty()) {
            throw new WrongException(problems);
        }
    }

    /** A line, if one of these was never compared. */
    private static List<String> empty(Tally tally, String... compared) {
        return Stream.of(compared).anyMatch(what -> tally.of(what) == 0)
                ? List.of("of " + List.of(compared) + " one was never compared: " + tally)
                : List.of();
    }
}
