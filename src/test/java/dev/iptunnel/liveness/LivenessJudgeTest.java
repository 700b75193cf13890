package dev.iptunnel.liveness;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LivenessJudgeTest {
    private static final Duration LOOK = Duration.ofSeconds(5);

    private final LivenessJudge judge = new LivenessJudge();
    private final Map<String, String> renewals = new HashMap<>();
    private final Map<String, Boolean> nodes = new HashMap<>();
    private final Map<String, Boolean> served = new HashMap<>();
    private Instant now = Instant.EPOCH;
    private boolean current = true;
    private int renewal;

    private void renew(String... of) {
        renewal++;
        for (String node : of) {
            renewals.put(node, "renewal " + renewal);
        }
    }

    private Judgement look() {
        now = now.plus(LOOK);
        return judge.look(new FleetSighting(now, current, renewals, nodes, served));
    }

    private AgentVerdict verdict() {
        return Optional.ofNullable(look().verdicts().get("node1")).orElseThrow();
    }

    /** Looks every 5 seconds for as long, and returns the last verdict on node1. */
    private AgentVerdict after(int seconds) {
        AgentVerdict last = verdict();
        for (int passed = 5; passed < seconds; passed += 5) {
            last = verdict();
        }
        return last;
    }

    private void liveWithLeases(String... of) {
        for (String node : of) {
            nodes.put(node, true);
        }
        renew(of);
        look();
        renew(of);
        look();
    }

    @Test
    void a_look_that_forgets_what_was_seen_says_so_once() {
        liveWithLeases("node1");
        assertThat(look().anew()).isFalse();

        current = false;
        assertThat(look().anew()).isTrue();
        assertThat(look().anew()).isFalse();

        current = true;
        assertThat(look().anew()).isFalse();
        now = now.plusSeconds(30);
        assertThat(look().anew()).isTrue();
        assertThat(look().anew()).isFalse();
    }

    @Test
    void an_agent_whose_Lease_changes_is_alive() {
        liveWithLeases("node1");

        for (int round = 0; round < 20; round++) {
            renew("node1");
            assertThat(after(20)).isEqualTo(AgentVerdict.ALIVE);
        }
    }

    @Test
    void an_agent_is_dead_when_no_change_of_its_Lease_was_seen_for_60_seconds() {
        liveWithLeases("node1");

        assertThat(after(55)).isEqualTo(AgentVerdict.ALIVE);
        assertThat(after(5)).isEqualTo(AgentVerdict.AGENT_NOT_RESPONDING);
        renew("node1");
        assertThat(verdict()).isEqualTo(AgentVerdict.ALIVE);
    }

    @Test
    void the_Node_says_why_an_agent_is_dead() {
        liveWithLeases("node1");
        nodes.put("node1", false);

        assertThat(after(60)).isEqualTo(AgentVerdict.NODE_NOT_READY);
        nodes.remove("node1");
        assertThat(verdict()).isEqualTo(AgentVerdict.NODE_GONE);
    }

    @Test
    void an_agent_that_renews_its_Lease_is_alive_whatever_its_Node_says() {
        liveWithLeases("node1");
        nodes.put("node1", false);

        for (int round = 0; round < 10; round++) {
            renew("node1");
            assertThat(after(20)).isEqualTo(AgentVerdict.ALIVE);
        }
    }

    /** The times in Leases are only compared for being the same. */
    @Test
    void a_renewal_with_an_earlier_time_than_the_last_is_a_renewal() {
        nodes.put("node1", true);
        for (int hour = 9; hour > 0; hour--) {
            renewals.put("node1", "0" + hour + ":00");
            after(30);
        }

        assertThat(verdict()).isEqualTo(AgentVerdict.ALIVE);
    }

    @Test
    void a_new_leader_judges_after_60_seconds() {
        nodes.put("node1", true);
        renew("node1");

        assertThat(after(60)).isEqualTo(AgentVerdict.NOT_JUDGED);
        assertThat(after(5)).isEqualTo(AgentVerdict.AGENT_NOT_RESPONDING);
    }

    @Test
    void a_judge_that_did_not_look_for_more_than_15_seconds_waits_again() {
        liveWithLeases("node1");
        now = now.plus(Duration.ofMinutes(5));

        assertThat(after(60)).isEqualTo(AgentVerdict.NOT_JUDGED);
        assertThat(after(5)).isEqualTo(AgentVerdict.AGENT_NOT_RESPONDING);
    }

    @Test
    void a_judge_that_was_cut_off_waits_again() {
        liveWithLeases("node1");
        current = false;
        assertThat(after(300)).isEqualTo(AgentVerdict.NOT_JUDGED);
        current = true;

        assertThat(after(55)).isEqualTo(AgentVerdict.NOT_JUDGED);
        renew("node1");
        assertThat(verdict()).isEqualTo(AgentVerdict.ALIVE);
    }

    @Test
    void an_agent_without_a_Lease_is_judged_by_its_Node_only() {
        nodes.put("node1", true);
        served.put("node1", true);

        assertThat(after(3600)).isEqualTo(AgentVerdict.NOT_JUDGED);
        nodes.put("node1", false);
        assertThat(after(60)).isEqualTo(AgentVerdict.NOT_JUDGED);
        assertThat(verdict()).isEqualTo(AgentVerdict.NODE_NOT_READY);
        nodes.put("node1", true);
        assertThat(verdict()).isEqualTo(AgentVerdict.NOT_JUDGED);
    }

    @Test
    void a_Node_that_is_absent_for_60_seconds_is_gone_if_it_ever_had_an_agent() {
        served.put("node1", true);

        assertThat(after(60)).isEqualTo(AgentVerdict.NOT_JUDGED);
        assertThat(verdict()).isEqualTo(AgentVerdict.NODE_GONE);
    }

    @Test
    void a_Node_that_never_had_an_agent_is_not_found_after_five_minutes() {
        served.put("node1", false);

        assertThat(after(300)).isEqualTo(AgentVerdict.NOT_JUDGED);
        assertThat(verdict()).isEqualTo(AgentVerdict.NODE_NOT_FOUND);
    }

    @Test
    void more_than_55_percent_of_at_least_five_agents_are_many() {
        liveWithLeases("node1", "node2", "node3", "node4", "node5");
        for (int round = 0; round < 3; round++) {
            renew("node1", "node2", "node3");
            after(20);
        }
        assertThat(look().manyDead()).as("two of five").isFalse();

        after(60);
        renew("node1", "node2");

        assertThat(look().manyDead()).as("three of five").isTrue();
    }

    @Test
    void all_of_four_agents_are_not_many() {
        liveWithLeases("node1", "node2", "node3", "node4");

        after(60);

        assertThat(look().verdicts().values()).containsOnly(AgentVerdict.AGENT_NOT_RESPONDING);
        assertThat(look().manyDead()).isFalse();
    }

    @Test
    void nodes_that_are_gone_do_not_count_for_many() {
        liveWithLeases("node1", "node2", "node3", "node4", "node5", "node6");
        nodes.keySet().retainAll(Set.of("node5", "node6"));

        after(60);
        renew("node5", "node6");

        assertThat(look().manyDead()).isFalse();
    }
}
