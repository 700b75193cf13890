package dev.iptunnel.set.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.iptunnel.set.ChildTunnel;
import dev.iptunnel.set.ChildTunnel.Observed;
import dev.iptunnel.set.Edge;
import dev.iptunnel.set.RolloutPolicy;
import dev.iptunnel.set.RolloutPolicy.MaxUnavailable;
import dev.iptunnel.set.RolloutPolicy.OnFailure;
import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.rollout.Goal;
import dev.iptunnel.set.rollout.RolloutDecision;
import dev.iptunnel.set.rollout.RolloutDecision.Failure;
import dev.iptunnel.set.rollout.RolloutDecision.Phase;
import dev.iptunnel.set.rollout.RolloutDecision.Stall;
import dev.iptunnel.set.status.SetSituation.Obstacle;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class SetConditionsTest {

    /** A set of ten nodes with a tunnel each, all of them ready, and what differs from that. */
    private static final class Case {
        final String name;
        final Set<String> members = names();
        final Set<String> tunnelOf = names();
        final Set<String> readyOn = names();
        Set<String> notReady = Set.of();
        Set<String> silent = Set.of();
        boolean nodesKnown = true;
        boolean paused;
        Phase phase = Phase.IDLE;
        Optional<Stall> stall = Optional.empty();
        Optional<Obstacle> obstacle = Optional.empty();
        String expected = "";

        Case(String name) {
            this.name = name;
        }

        Case down(String... nodes) {
            readyOn.removeAll(Set.of(nodes));
            return this;
        }

        Case without(String... nodes) {
            tunnelOf.removeAll(Set.of(nodes));
            return down(nodes);
        }

        Case notReady(String... nodes) {
            notReady = Set.of(nodes);
            return down(nodes);
        }

        Case silent(String... nodes) {
            silent = Set.of(nodes);
            return down(nodes);
        }

        Case in(Phase now) {
            phase = now;
            return this;
        }

        Case paused() {
            paused = true;
            return this;
        }

        Case stall(Stall.Reason reason, String... nodes) {
            stall = Optional.of(new Stall(reason, List.of(nodes)));
            return this;
        }

        Case obstacle(String reason) {
            obstacle = Optional.of(new Obstacle(reason, "What to do."));
            return this;
        }

        Case nobody() {
            members.clear();
            tunnelOf.clear();
            readyOn.clear();
            return this;
        }

        Case unknownNodes() {
            nodesKnown = false;
            return this;
        }

        Case is(String conditions) {
            expected = conditions;
            return this;
        }

        private static Set<String> names() {
            return IntStream.range(0, 10).mapToObj(i -> "node" + i).collect(Collectors.toCollection(HashSet::new));
        }

        SetSituation situation() {
            return new SetSituation(
                    nodesKnown,
                    members.size(),
                    0,
                    members,
                    notReady,
                    silent,
                    members.stream().map(node -> new Edge(node, "")).collect(Collectors.toSet()),
                    tunnelOf.stream().map(this::tunnel).toList(),
                    new RolloutPolicy(
                            paused,
                            new MaxUnavailable(10, true),
                            1,
                            Duration.ofSeconds(10),
                            Duration.ofSeconds(300),
                            false,
                            0,
                            OnFailure.PAUSE),
                    new RolloutDecision(
                            new Goal("a-r2", Optional.of("a-r1"), phase == Phase.FAILED, false, false),
                            phase,
                            List.of(),
                            Optional.empty(),
                            false,
                            stall,
                            new RolloutDecision.Counts(members.size(), 0, readyOn.size(), 0, 0, 0)),
                    Optional.of(new Failure("a-r2", "node3", "IpTunnel a-node3 is not ready: InvalidSpec: Why.")),
                    obstacle,
                    List.of());
        }

        private ChildTunnel tunnel(String node) {
            boolean ready = readyOn.contains(node);
            return new ChildTunnel(
                    "a-" + node,
                    "",
                    "1",
                    1,
                    "",
                    new Edge(node, ""),
                    "a-r2",
                    Map.of(),
                    Map.of(),
                    JsonNodeFactory.instance.objectNode(),
                    false,
                    new Observed(1, ready ? "True" : "False", "", "", Optional.empty(), Optional.empty()));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Case when(String name) {
        return new Case(name);
    }

    static final List<Case> CASES = List.of(
            when("all tunnels are ready")
                    .is("Ready=True AllTunnelsReady, Available=True MinimumAvailable, Progressing=False Complete"),
            when("nodes in repair are left out")
                    .notReady("node1", "node2")
                    .is("Ready=True ReachableNodesReady, Available=False TooFewAvailable, Progressing=False Complete"),
            when("nothing is known if all nodes are in repair")
                    .notReady(Case.names().toArray(String[]::new))
                    .is("Ready=False TunnelsNotReady, Available=False TooFewAvailable, Progressing=False Complete"),
            when("an agent is dead on a node that is Ready")
                    .silent("node1")
                    .is("Ready=False AgentsNotResponding, Available=True MinimumAvailable, Progressing=False Complete"),
            when("a tunnel is not ready")
                    .down("node1")
                    .is("Ready=False TunnelsNotReady, Available=True MinimumAvailable, Progressing=False Complete"),
            when("more tunnels are not ready than may be")
                    .down("node1", "node2")
                    .is("Ready=False TunnelsNotReady, Available=False TooFewAvailable, Progressing=False Complete"),
            when("a tunnel is being created")
                    .without("node1")
                    .is(
                            "Ready=False TunnelsNotReady, Available=True MinimumAvailable, Progressing=True CreatingTunnels"),
            when("a canary is being tried while the others are ready")
                    .in(Phase.CANARY)
                    .is("Ready=False RollingOut, Available=True MinimumAvailable, Progressing=True RollingOut"),
            when("nodes are queued")
                    .in(Phase.ROLLING)
                    .is("Ready=False RollingOut, Available=True MinimumAvailable, Progressing=True RollingOut"),
            when("nodes are queued in a paused set")
                    .in(Phase.PAUSED)
                    .paused()
                    .is(
                            "Ready=False RollingOut, Available=True MinimumAvailable, Progressing=False Paused, Paused=True Paused"),
            when("a paused set has nothing to do")
                    .paused()
                    .is(
                            "Ready=True AllTunnelsReady, Available=True MinimumAvailable, Progressing=False Complete, Paused=True Paused"),
            when("a roll-out failed")
                    .in(Phase.FAILED)
                    .down("node3")
                    .stall(Stall.Reason.ROLLOUT_FAILED)
                    .is(
                            "Ready=False RolloutFailed, Available=True MinimumAvailable, Progressing=False RolloutFailed, Stalled=True RolloutFailed"),
            when("nodes are being rolled back")
                    .in(Phase.ROLLING_BACK)
                    .stall(Stall.Reason.ROLLED_BACK)
                    .is(
                            "Ready=False RolledBack, Available=True MinimumAvailable, Progressing=True RollingOut, Stalled=True RolledBack"),
            when("all nodes are rolled back")
                    .in(Phase.FAILED)
                    .stall(Stall.Reason.ROLLED_BACK)
                    .is(
                            "Ready=False RolledBack, Available=True MinimumAvailable, Progressing=False RolledBack, Stalled=True RolledBack"),
            when("a roll-out waits for nodes that are broken")
                    .in(Phase.ROLLING)
                    .down("node1", "node2")
                    .stall(Stall.Reason.PROGRESS_DEADLINE_EXCEEDED, "node1", "node2")
                    .is(
                            "Ready=False ProgressDeadlineExceeded, Available=False TooFewAvailable, Progressing=False ProgressDeadlineExceeded, Stalled=True ProgressDeadlineExceeded"),
            when("the pool is exhausted")
                    .obstacle("PoolExhausted")
                    .is(
                            "Ready=False PoolExhausted, Available=True MinimumAvailable, Progressing=False Complete, Stalled=True PoolExhausted"),
            when("the selector matches nothing")
                    .nobody()
                    .is("Ready=False NoNodesSelected, Available=False TooFewAvailable, Progressing=False Complete"),
            when("the list of Nodes is old")
                    .unknownNodes()
                    .obstacle("PoolExhausted")
                    .is(
                            "Ready=Unknown NodeListUnavailable, Available=True MinimumAvailable, Progressing=False Complete"));

    @ParameterizedTest
    @FieldSource("CASES")
    void conditions_when(Case situation) {
        List<SetCondition> conditions = SetStatus.of(situation.situation()).conditions();
        assertThat(conditions.stream()
                        .map(condition -> condition.type() + "=" + condition.status() + " " + condition.reason())
                        .collect(Collectors.joining(", ")))
                .isEqualTo(situation.expected);
        assertThat(conditions)
                .allSatisfy(condition -> assertThat(condition.message()).matches("[A-Z].*\\."));
    }

    @Test
    void the_failed_node_and_its_error_are_named() {
        SetSituation failed =
                when("").in(Phase.FAILED).stall(Stall.Reason.ROLLOUT_FAILED).situation();
        assertThat(SetStatus.of(failed).conditions())
                .filteredOn(condition -> condition.type().equals("Stalled"))
                .singleElement()
                .extracting(SetCondition::message)
                .asString()
                .startsWith(
                        "Revision a-r2 failed on node node3: IpTunnel a-node3 is not ready: InvalidSpec: Why. No other");
    }

    @Test
    void at_most_ten_problems_are_listed_in_order() {
        SetSituation some = when("").situation();
        List<SetProblem> problems = Stream.iterate(19, i -> i - 1)
                .limit(20)
                .map(i -> new SetProblem("node" + i, "", "NoAddress", "It has none."))
                .toList();
        SetSituation many = new SetSituation(
                true,
                10,
                0,
                some.members(),
                Set.of(),
                Set.of(),
                some.wanted(),
                some.tunnels(),
                some.policy(),
                some.decision(),
                Optional.empty(),
                Optional.empty(),
                problems);
        assertThat(SetStatus.of(many).problems()).hasSize(10).isSorted();
    }

    @Test
    void tunnels_are_counted() {
        assertThat(SetStatus.of(when("").without("node1").down("node2").situation())
                        .tunnels())
                .isEqualTo(new SetStatus.TunnelCounts(10, 9, 9, 8, 0, 0));
    }
}
