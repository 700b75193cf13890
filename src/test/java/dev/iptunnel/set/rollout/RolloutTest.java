package dev.iptunnel.set.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.iptunnel.set.ChildTunnel;
import dev.iptunnel.set.ChildTunnel.Observed;
import dev.iptunnel.set.Edge;
import dev.iptunnel.set.RolloutPolicy;
import dev.iptunnel.set.RolloutPolicy.MaxUnavailable;
import dev.iptunnel.set.RolloutPolicy.OnFailure;
import dev.iptunnel.set.SetNames;
import dev.iptunnel.set.rollout.NodeProgress.Member;
import dev.iptunnel.set.rollout.RolloutDecision.Cause;
import dev.iptunnel.set.rollout.RolloutDecision.Phase;
import dev.iptunnel.set.rollout.RolloutDecision.Touch;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Single passes over nodes that have had their revision for long. */
class RolloutTest {
    private static final Goal NEXT = new Goal("a-r2", Optional.of("a-r1"), false, false, false);
    private static final Goal PROVEN = new Goal("a-r1", Optional.of("a-r1"), false, false, false);
    private static final Goal FAILED = new Goal("a-r2", Optional.of("a-r1"), true, false, false);
    private static final long NOW = Duration.ofHours(1).toNanos();
    private static final Observed READY = new Observed(1, "True", "Ready", "", Optional.empty(), Optional.empty());
    private static final Observed DOWN =
            new Observed(1, "False", "LinkDown", "It is down.", Optional.empty(), Optional.empty());

    private static RolloutPolicy policy(boolean paused, int maxUnavailable, int canaries) {
        return new RolloutPolicy(
                paused,
                new MaxUnavailable(maxUnavailable, false),
                canaries,
                Duration.ofSeconds(10),
                Duration.ofSeconds(300),
                false,
                0,
                OnFailure.PAUSE);
    }

    private static ChildTunnel tunnel(String node, String peer, String revision, Observed observed) {
        return new ChildTunnel(
                "a-" + node + peer,
                "",
                "1",
                1,
                "",
                new Edge(node, peer),
                revision,
                Map.of(),
                revision.equals("a-r1")
                        ? Map.of()
                        : Map.of(SetNames.UPDATED_AT, "2026-01-01T00:00:00Z", SetNames.WAS_AVAILABLE, "true"),
                JsonNodeFactory.instance.objectNode(),
                false,
                observed);
    }

    private static Member member(String node, boolean hub, boolean moved, ChildTunnel... tunnels) {
        return new Member(node, false, hub, false, moved, tunnels.length, List.of(tunnels));
    }

    /** A node that has been seen in this state for an hour. */
    private static NodeProgress progress(Member member, Goal goal) {
        return progress(member, goal, policy(false, 1, 0));
    }

    private static NodeProgress progress(Member member, Goal goal, RolloutPolicy policy) {
        Optional<Sighting> seen = Optional.empty();
        for (long now = 0; now <= NOW; now += Duration.ofMinutes(1).toNanos()) {
            seen = Optional.of(NodeProgress.of(
                            member, goal, policy, child -> child.revision().equals(goal.compared()), seen, now)
                    .sighting());
        }
        return NodeProgress.of(member, goal, policy, child -> child.revision().equals(goal.compared()), seen, NOW);
    }

    private static List<NodeProgress> all(Goal goal, Stream<Member> members) {
        return members.map(member -> progress(member, goal)).toList();
    }

    private static List<String> touched(RolloutDecision decision) {
        return decision.touches().stream().map(Touch::node).toList();
    }

    private static Member old(int i, boolean hub, boolean moved) {
        return member("node" + i, hub, moved, tunnel("node" + i, "", "a-r1", READY));
    }

    @Test
    void hubs_are_changed_one_at_a_time_after_the_spokes() {
        List<NodeProgress> hubsAndSpokes = all(NEXT, IntStream.range(0, 6).mapToObj(i -> old(i, i < 3, false)));
        List<String> touched = touched(Rollout.decide(NEXT, policy(false, 6, 0), hubsAndSpokes));
        assertThat(touched).hasSize(4);
        assertThat(touched.subList(0, 3)).containsExactlyInAnyOrder("node3", "node4", "node5");
    }

    @Test
    void a_hub_that_works_is_not_changed_while_another_one_is_down() {
        Member broken = member("hub-b", true, false, tunnel("hub-b", "", "a-r2", DOWN));
        Member working = member("hub-a", true, false, tunnel("hub-a", "", "a-r1", READY));
        Goal goal = new Goal("a-r3", Optional.of("a-r1"), false, false, false);
        List<NodeProgress> hubs = all(goal, Stream.of(broken, working));
        assertThat(touched(Rollout.decide(goal, policy(false, 2, 0), hubs))).containsExactly("hub-b");
    }

    @Test
    void changed_addresses_of_many_nodes_are_followed_within_the_budget() {
        List<NodeProgress> moved = all(PROVEN, IntStream.range(0, 10).mapToObj(i -> old(i, false, true)));
        RolloutDecision decision = Rollout.decide(PROVEN, policy(false, 2, 1), moved);
        assertThat(decision.touches()).hasSize(2).allMatch(touch -> touch.cause() == Cause.MEMBERSHIP);
        assertThat(decision.phase()).isEqualTo(Phase.ROLLING);
    }

    @Test
    void changed_addresses_are_followed_while_the_template_is_paused_or_failed() {
        for (Goal goal : List.of(NEXT, FAILED)) {
            List<NodeProgress> moved = all(goal, IntStream.range(0, 10).mapToObj(i -> old(i, false, true)));
            assertThat(Rollout.decide(goal, policy(true, 3, 1), moved).touches())
                    .hasSize(3)
                    .allMatch(touch -> touch.cause() == Cause.MEMBERSHIP)
                    .noneMatch(touch -> touch.wasAvailable(new Edge(touch.node(), "")));
        }
    }

    @Test
    void a_tunnel_that_is_ready_works_only_while_its_peer_answers_if_that_is_required() {
        Observed silent = new Observed(
                1, "True", "TunnelUp", "", Optional.empty(), Optional.of("NoReply: 10.0.0.2 does not answer"));
        ChildTunnel tunnel = tunnel("node0", "x", "a-r2", silent);
        tunnel.spec().putObject("probe").put("type", "ICMP");
        Member member = member("node0", false, false, tunnel);
        Member unprobed = member("node0", false, false, tunnel("node0", "x", "a-r2", silent));
        Member ofDeadPeer = member("node0", false, false, tunnel.withAnsweringPeer());

        assertThat(progress(unprobed, NEXT, requiringPeers()).available()).isTrue();
        assertThat(progress(ofDeadPeer, NEXT, requiringPeers()).available()).isTrue();
        NodeProgress byNode = progress(member, NEXT, policy(false, 1, 0));
        NodeProgress byPeer = progress(member, NEXT, requiringPeers());

        assertThat(byNode.available()).isTrue();
        assertThat(byNode.failure()).isEmpty();
        assertThat(byPeer.available()).isFalse();
        assertThat(byPeer.failure())
                .contains("IpTunnel a-node0x is ready, but does not reach its peer: NoReply: 10.0.0.2 does not answer");
    }

    private static RolloutPolicy requiringPeers() {
        RolloutPolicy policy = policy(false, 1, 0);
        return new RolloutPolicy(
                policy.paused(),
                policy.maxUnavailable(),
                policy.canaryNodes(),
                policy.minReady(),
                policy.deadline(),
                true,
                policy.maxFailures(),
                policy.onFailure());
    }

    @Test
    void no_revision_is_blamed_for_a_tunnel_that_did_not_work_before() {
        Member half =
                member("node0", false, false, tunnel("node0", "x", "a-r1", READY), tunnel("node0", "y", "a-r1", DOWN));
        RolloutDecision decision = Rollout.decide(NEXT, policy(false, 1, 1), all(NEXT, Stream.of(half)));
        assertThat(decision.touches()).singleElement().satisfies(touch -> {
            assertThat(touch.wasAvailable(new Edge("node0", "x"))).isTrue();
            assertThat(touch.wasAvailable(new Edge("node0", "y"))).isFalse();
        });
    }

    @Test
    void a_set_without_nodes_has_nothing_to_do_and_proves_no_revision() {
        RolloutDecision decision = Rollout.decide(NEXT, policy(false, 1, 1), List.of());
        assertThat(decision.phase()).isEqualTo(Phase.IDLE);
        assertThat(decision.done()).isFalse();
        assertThat(decision.touches()).isEmpty();
        assertThat(decision.stall()).isEmpty();
    }

    @Test
    void a_tunnel_that_is_unknown_or_late_to_answer_fails_nothing_before_the_deadline() {
        Observed unknown =
                new Observed(1, "Unknown", "AgentNotResponding", "It is silent.", Optional.empty(), Optional.empty());
        Member silent = member("node0", false, false, tunnel("node0", "", "a-r2", unknown));
        NodeProgress first = NodeProgress.of(silent, NEXT, policy(false, 1, 1), child -> true, Optional.empty(), NOW);
        assertThat(Rollout.decide(NEXT, policy(false, 1, 1), List.of(first)).failure())
                .isEmpty();
        assertThat(Rollout.decide(NEXT, policy(false, 1, 1), List.of(progress(silent, NEXT)))
                        .failure())
                .get()
                .extracting(RolloutDecision.Failure::message)
                .isEqualTo("IpTunnel a-node0 is not ready: AgentNotResponding: It is silent.");
    }
}
