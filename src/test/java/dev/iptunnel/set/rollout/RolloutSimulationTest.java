package dev.iptunnel.set.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.set.RolloutPolicy;
import dev.iptunnel.set.RolloutPolicy.MaxUnavailable;
import dev.iptunnel.set.RolloutPolicy.OnFailure;
import dev.iptunnel.set.rollout.RolloutDecision.Phase;
import dev.iptunnel.set.rollout.RolloutDecision.Stall;
import dev.iptunnel.set.rollout.SimulatedFleet.Effect;
import dev.iptunnel.set.rollout.SimulatedFleet.SimulatedNode;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole roll-outs over simulated nodes; the observer fails a test whenever more than the budget is down. */
class RolloutSimulationTest {
    private static final RolloutPolicy DEFAULTS = policy(new MaxUnavailable(10, true), 1, OnFailure.PAUSE);
    private static final RolloutPolicy ROLLBACK = policy(new MaxUnavailable(10, true), 1, OnFailure.ROLLBACK);
    private static final Duration HOUR = Duration.ofHours(1);

    private static RolloutPolicy policy(MaxUnavailable maxUnavailable, int canaries, OnFailure onFailure) {
        return new RolloutPolicy(
                false, maxUnavailable, canaries, Duration.ofSeconds(10), Duration.ofSeconds(300), false, 0, onFailure);
    }

    private static RolloutPolicy paused(RolloutPolicy policy) {
        return new RolloutPolicy(
                true,
                policy.maxUnavailable(),
                policy.canaryNodes(),
                policy.minReady(),
                policy.deadline(),
                false,
                policy.maxFailures(),
                policy.onFailure());
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 1", "100, 10", "1000, 100"})
    void a_good_template_reaches_all_nodes_within_the_budget(int size, int budget) {
        SimulatedFleet fleet = SimulatedFleet.settled(size, DEFAULTS, budget, 1);
        fleet.template("good", Effect.WORKS);
        Duration taken = fleet.run(HOUR, () -> fleet.isDone("good"));
        assertThat(fleet.nodesWith("good")).isEqualTo(size);
        assertThat(taken).isLessThan(Duration.ofSeconds(200));
        assertThat(fleet.observer.mostDown()).isEqualTo(budget);
        assertThat(fleet.last.phase()).isEqualTo(Phase.IDLE);
    }

    @ParameterizedTest
    @EnumSource(value = Effect.class, names = "WORKS", mode = EnumSource.Mode.EXCLUDE)
    void a_bad_template_hurts_one_node_and_stops(Effect bad) {
        SimulatedFleet fleet = SimulatedFleet.settled(100, DEFAULTS, 1, 2);
        fleet.template("bad", bad);
        fleet.run(HOUR);
        assertThat(fleet.observer.everDown()).hasSize(1);
        assertThat(fleet.nodesWith("bad")).isEqualTo(1);
        assertThat(fleet.revisions.failed())
                .containsExactly(fleet.revisionOf("bad").orElseThrow());
        assertThat(fleet.last.phase()).isEqualTo(Phase.FAILED);
        assertThat(fleet.last.stall()).get().extracting(Stall::reason).isEqualTo(Stall.Reason.ROLLOUT_FAILED);
    }

    @Test
    void a_bad_template_is_rolled_back_and_stays_so() {
        SimulatedFleet fleet = SimulatedFleet.settled(100, ROLLBACK, 1, 3);
        fleet.template("bad", Effect.STALLS);
        fleet.run(HOUR);
        assertThat(fleet.observer.everDown()).hasSize(1);
        assertThat(fleet.nodesWith("first")).isEqualTo(100);
        assertThat(fleet.nodes.values()).allMatch(SimulatedNode::works);
        assertThat(fleet.last.phase()).isEqualTo(Phase.FAILED);
        assertThat(fleet.last.stall()).get().extracting(Stall::reason).isEqualTo(Stall.Reason.ROLLED_BACK);
    }

    @Test
    void a_bad_first_template_reaches_the_canary_only() {
        SimulatedFleet fleet = new SimulatedFleet(100, ROLLBACK, 0, 4);
        fleet.template("bad", Effect.STALLS);
        fleet.run(HOUR);
        assertThat(fleet.nodesWith("bad")).isEqualTo(1);
        assertThat(fleet.last.phase()).isEqualTo(Phase.FAILED);
        assertThat(fleet.last.stall()).get().extracting(Stall::reason).isEqualTo(Stall.Reason.ROLLOUT_FAILED);
    }

    @ParameterizedTest
    @CsvSource({"2, STALLS", "4, STALLS", "10, STALLS", "300, STALLS", "2, SILENCES", "10, SILENCES", "400, SILENCES"})
    void three_bad_templates_in_a_row_hurt_one_node_in_all(int secondsApart, Effect bad) {
        SimulatedFleet fleet = SimulatedFleet.settled(100, DEFAULTS, 1, 5);
        for (String name : new String[] {"bad1", "bad2", "bad3"}) {
            fleet.template(name, bad);
            fleet.run(Duration.ofSeconds(secondsApart));
        }
        fleet.run(HOUR);
        assertThat(fleet.observer.everDown()).hasSize(1);
        assertThat(fleet.revisions.failed()).contains(fleet.revisionOf("bad3").orElseThrow());
        fleet.template("good", Effect.WORKS);
        SimulatedFleet mended = fleet;
        fleet.observer.forget();
        fleet.run(Duration.ofSeconds(60), () -> mended.nodes.values().stream().allMatch(SimulatedNode::works));
        assertThat(fleet.nodes.values()).allMatch(SimulatedNode::works);
    }

    @Test
    void two_good_templates_within_the_time_of_being_ready_keep_the_budget() {
        SimulatedFleet fleet = SimulatedFleet.settled(100, DEFAULTS, 10, 6);
        fleet.template("good1", Effect.WORKS);
        fleet.run(Duration.ofSeconds(40));
        fleet.template("good2", Effect.WORKS);
        fleet.run(Duration.ofSeconds(4));
        fleet.template("good3", Effect.WORKS);
        fleet.run(HOUR, () -> fleet.isDone("good3"));
        assertThat(fleet.nodesWith("good3")).isEqualTo(100);
    }

    @Test
    void nodes_that_were_dead_before_are_deferred_and_follow_when_they_return() {
        SimulatedFleet fleet = SimulatedFleet.settled(100, DEFAULTS, 7, 7);
        fleet.nodes.values().stream().limit(30).forEach(node -> node.dead = true);
        fleet.run(Duration.ofMinutes(1));
        fleet.template("good", Effect.WORKS);
        fleet.run(HOUR, () -> fleet.isDone("good"));
        assertThat(fleet.nodesWith("good")).isEqualTo(70);
        assertThat(fleet.last.counts().deferred()).isEqualTo(30);
        assertThat(fleet.observer.mostDown()).isEqualTo(7);
        fleet.nodes.values().forEach(node -> node.dead = false);
        fleet.observer.allow(10);
        fleet.run(HOUR, () -> fleet.nodesWith("good") == 100);
        assertThat(fleet.nodesWith("good")).isEqualTo(100);
    }

    @Test
    void nodes_that_were_broken_before_fail_nothing() {
        SimulatedFleet fleet = SimulatedFleet.settled(100, DEFAULTS, 10, 8);
        fleet.nodes.values().stream().limit(5).forEach(node -> node.broken = true);
        fleet.run(Duration.ofMinutes(1));
        fleet.template("good", Effect.WORKS);
        fleet.run(HOUR, () -> fleet.isDone("good"));
        assertThat(fleet.nodesWith("good")).isEqualTo(100);
        assertThat(fleet.revisions.failed()).isEmpty();
        assertThat(fleet.isDone("good")).isTrue();
    }

    @Test
    void more_broken_nodes_than_the_budget_stall_a_roll_out_until_they_are_mended() {
        SimulatedFleet fleet = SimulatedFleet.settled(100, DEFAULTS, 10, 9);
        fleet.nodes.values().stream().limit(12).forEach(node -> node.broken = true);
        fleet.run(Duration.ofMinutes(10));
        assertThat(fleet.last.stall()).isEmpty();
        fleet.template("good", Effect.WORKS);
        fleet.run(Duration.ofHours(2));
        assertThat(fleet.observer.everDown()).isEmpty();
        assertThat(fleet.last.stall()).get().satisfies(stall -> {
            assertThat(stall.reason()).isEqualTo(Stall.Reason.PROGRESS_DEADLINE_EXCEEDED);
            assertThat(stall.nodes()).hasSize(12);
        });
        fleet.nodes.values().forEach(node -> node.broken = false);
        fleet.run(HOUR, () -> fleet.isDone("good"));
        assertThat(fleet.isDone("good")).isTrue();
    }

    @Test
    void a_canary_that_dies_after_its_change_stops_the_roll_out() {
        SimulatedFleet fleet = SimulatedFleet.settled(100, DEFAULTS, 1, 10);
        fleet.template("good", Effect.WORKS);
        fleet.run(Duration.ofSeconds(4));
        String canary = fleet.last.counts().updating() == 1 ? updating(fleet) : "";
        Objects.requireNonNull(fleet.nodes.get(canary)).dead = true;
        fleet.run(HOUR);
        assertThat(fleet.nodesWith("good")).isEqualTo(1);
        assertThat(fleet.revisions.failed()).hasSize(1);
        assertThat(fleet.failures).singleElement().satisfies(failure -> {
            assertThat(failure.node()).isEqualTo(canary);
            assertThat(failure.revision()).isEqualTo(fleet.revisionOf("good").orElseThrow());
        });
        assertThat(fleet.last.stall()).get().extracting(Stall::reason).isEqualTo(Stall.Reason.ROLLOUT_FAILED);
    }

    private static String updating(SimulatedFleet fleet) {
        return fleet.nodes.values().stream()
                .filter(node -> node.hasTemplate("good"))
                .findFirst()
                .orElseThrow()
                .name;
    }

    @Test
    void a_controller_that_is_killed_after_each_write_still_ends_the_roll_out() {
        SimulatedFleet fleet = SimulatedFleet.settled(20, DEFAULTS, 2, 11);
        fleet.template("good", Effect.WORKS);
        Duration taken = Duration.ZERO;
        while (!fleet.isDone("good") && taken.compareTo(HOUR) < 0) {
            fleet.writesLeft = 1;
            fleet.step();
            taken = taken.plus(SimulatedFleet.PASS);
            if (fleet.writesLeft == 0) {
                fleet.restart();
            }
        }
        assertThat(fleet.nodesWith("good")).isEqualTo(20);
        assertThat(fleet.isDone("good")).isTrue();
    }

    @Test
    void a_controller_that_forgets_everything_on_each_pass_changes_no_node_that_works() {
        SimulatedFleet fleet = SimulatedFleet.settled(20, DEFAULTS, 2, 12);
        fleet.template("good", Effect.WORKS);
        for (int pass = 0; pass < 500; pass++) {
            fleet.restart();
            fleet.step();
        }
        assertThat(fleet.observer.everDown()).isEmpty();
        fleet.run(HOUR, () -> fleet.isDone("good"));
        assertThat(fleet.isDone("good")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "PT-1H"})
    void a_wall_clock_that_is_set_fails_no_node(Duration step) {
        SimulatedFleet fleet = SimulatedFleet.settled(100, DEFAULTS, 10, 13);
        fleet.template("good", Effect.WORKS);
        fleet.run(Duration.ofSeconds(30));
        fleet.stepWallClock(step);
        fleet.run(Duration.ofSeconds(10));
        fleet.restart();
        fleet.run(HOUR, () -> fleet.isDone("good"));
        assertThat(fleet.isDone("good")).isTrue();
        assertThat(fleet.revisions.failed()).isEmpty();
    }

    @Test
    void a_failed_revision_is_tried_again_once_for_each_time_that_somebody_asks() {
        SimulatedFleet fleet = SimulatedFleet.settled(10, DEFAULTS, 1, 14);
        fleet.template("bad", Effect.SILENCES);
        fleet.run(HOUR);
        String revision = fleet.revisionOf("bad").orElseThrow();
        fleet.retry = Optional.of(revision);
        fleet.run(HOUR);
        assertThat(fleet.revisions.failed()).containsExactly(revision);
        fleet.retry = Optional.empty();
        fleet.run(Duration.ofSeconds(10));
        fleet.effects.put("bad", Effect.WORKS);
        fleet.retry = Optional.of(revision);
        fleet.run(HOUR, () -> fleet.isDone("bad"));
        assertThat(fleet.isDone("bad")).isTrue();
    }

    @Test
    void the_same_template_again_after_a_roll_back_changes_nothing_and_another_one_goes() {
        SimulatedFleet fleet = SimulatedFleet.settled(10, ROLLBACK, 1, 15);
        fleet.template("bad", Effect.STALLS);
        fleet.run(HOUR);
        fleet.observer.forget();
        fleet.template("first", Effect.WORKS);
        fleet.run(Duration.ofMinutes(1));
        fleet.template("bad", Effect.STALLS);
        fleet.run(HOUR);
        assertThat(fleet.observer.everDown()).isEmpty();
        fleet.template("good", Effect.WORKS);
        fleet.run(HOUR, () -> fleet.isDone("good"));
        assertThat(fleet.isDone("good")).isTrue();
    }

    @Test
    void a_paused_set_changes_no_node() {
        SimulatedFleet fleet = SimulatedFleet.settled(20, DEFAULTS, 2, 16);
        fleet.template("good", Effect.WORKS);
        fleet.run(Duration.ofSeconds(20));
        long before = fleet.nodesWith("good");
        fleet.policy = paused(DEFAULTS);
        fleet.run(HOUR);
        assertThat(fleet.nodesWith("good")).isEqualTo(before);
        assertThat(fleet.last.phase()).isEqualTo(Phase.PAUSED);
        assertThat(fleet.last.stall()).isEmpty();
        fleet.policy = DEFAULTS;
        fleet.run(HOUR, () -> fleet.isDone("good"));
        assertThat(fleet.isDone("good")).isTrue();
    }

    @Test
    void a_node_that_joins_during_a_roll_out_gets_the_new_template_too() {
        SimulatedFleet fleet = SimulatedFleet.settled(20, DEFAULTS, 3, 17);
        fleet.template("good", Effect.WORKS);
        fleet.run(Duration.ofSeconds(20));
        fleet.join("late-comer");
        fleet.run(HOUR, () -> fleet.isDone("good"));
        assertThat(fleet.nodesWith("good")).isEqualTo(21);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 30, 1000})
    void any_number_of_canaries_ends(int canaries) {
        RolloutPolicy policy = policy(new MaxUnavailable(2, false), canaries, OnFailure.PAUSE);
        SimulatedFleet fleet = SimulatedFleet.settled(30, policy, 2, 18);
        fleet.template("good", Effect.WORKS);
        fleet.run(HOUR, () -> fleet.isDone("good"));
        assertThat(fleet.isDone("good")).isTrue();
    }

    @Test
    void a_budget_of_all_nodes_still_begins_with_the_canary() {
        RolloutPolicy all = policy(new MaxUnavailable(100, true), 1, OnFailure.PAUSE);
        SimulatedFleet fleet = SimulatedFleet.settled(20, all, 20, 19);
        fleet.template("bad", Effect.STALLS);
        fleet.run(HOUR);
        assertThat(fleet.observer.everDown()).hasSize(1);
        fleet.template("good", Effect.WORKS);
        fleet.run(HOUR, () -> fleet.isDone("good"));
        assertThat(fleet.isDone("good")).isTrue();
        assertThat(fleet.observer.mostDown()).as("after the canary").isEqualTo(19);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1000, 2000, 3000, 4000})
    void no_schedule_of_templates_deaths_and_restarts_exceeds_the_budget(long firstSeed) {
        for (long seed = firstSeed; seed < firstSeed + 30; seed++) {
            anySchedule(seed);
        }
    }

    private static void anySchedule(long seed) {
        Random random = new Random(seed);
        int size = 1 + random.nextInt(30);
        int budget = 1 + random.nextInt(4);
        OnFailure onFailure = random.nextBoolean() ? OnFailure.PAUSE : OnFailure.ROLLBACK;
        RolloutPolicy policy = policy(new MaxUnavailable(budget, false), random.nextInt(4), onFailure);
        SimulatedFleet fleet = SimulatedFleet.settled(size, policy, budget, seed);
        for (int pass = 0; pass < 100; pass++) {
            something(fleet, random, pass);
            try {
                fleet.step();
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed + ", pass " + pass, e);
            }
        }
        fleet.nodes.values().forEach(node -> {
            node.dead = false;
            node.broken = false;
        });
        fleet.writesLeft = Integer.MAX_VALUE;
        fleet.template("last", Effect.WORKS);
        fleet.run(HOUR, () -> fleet.isDone("last"));
        assertThat(fleet.nodesWith("last")).as("seed " + seed).isEqualTo(fleet.nodes.size());
    }

    private static void something(SimulatedFleet fleet, Random random, int pass) {
        SimulatedNode node = fleet.nodes.values().stream()
                .skip(random.nextInt(fleet.nodes.size()))
                .findFirst()
                .orElseThrow();
        switch (random.nextInt(20)) {
            case 0 -> fleet.template("t" + pass, List.of(Effect.values()).get(random.nextInt(3)));
            case 1 -> fleet.template("g" + pass, Effect.WORKS);
            case 2 -> node.dead = !node.dead;
            case 3 -> node.broken = !node.broken;
            case 4 -> fleet.restart();
            case 5 -> fleet.writesLeft = random.nextInt(4);
            case 6 -> fleet.writesLeft = Integer.MAX_VALUE;
            default -> {}
        }
    }
}
