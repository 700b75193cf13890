package dev.iptunnel.controller.liveness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.liveness.AgentVerdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AgentLivenessTest {
    private static final List<String> NOT_RESPONDING =
            List.of("Ready Unknown AgentNotResponding", "Programmed Unknown AgentNotResponding");

    private final LivenessWorld world = new LivenessWorld();
    private AgentLiveness liveness = world.liveness();

    private LivenessReport look() {
        LivenessReport report = liveness.look();
        world.pass(Duration.ofSeconds(5));
        return report;
    }

    /** How many were marked in each of the looks, from now on for as long. */
    private List<Integer> look(int seconds) {
        List<Integer> marked = new ArrayList<>();
        for (int passed = 0; passed < seconds; passed += 5) {
            marked.add(look().marked());
        }
        return marked;
    }

    @Test
    void the_tunnels_of_a_dead_agent_are_marked_once_and_keep_all_else() {
        world.node("node1", 2);

        look(60);
        assertThat(world.marked).isEmpty();
        look(600);

        assertThat(world.marked).containsExactly("node1-0", "node1-1");
        assertThat(world.reasons("node1-0")).isEqualTo(NOT_RESPONDING);
        assertThat(world.tunnel("node1-0").getStatus().ifindex()).isEqualTo(7);
        assertThat(world.tunnel("node1-0").getStatus().observedGeneration()).isEqualTo(1);
    }

    @Test
    void a_mark_names_the_node_and_says_that_the_tunnel_may_well_be_up() {
        world.node("node1", 1);

        look(65);

        assertThat(world.tunnel("node1-0").getStatus().conditions()).allSatisfy(condition -> {
            assertThat(condition.getMessage())
                    .isEqualTo("the agent on node node1 does not renew its Lease; the tunnel may well be up");
            assertThat(condition.getLastTransitionTime()).isEqualTo("2026-01-02T03:04:05Z");
        });
    }

    @Test
    void an_agent_that_returns_and_dies_again_has_its_tunnels_marked_again() {
        world.node("node1", 1);
        look(65);
        world.renew("node1");
        world.show();
        world.report("node1-0", "node1");

        look(60);
        assertThat(world.marked).hasSize(1);
        look(10);

        assertThat(world.marked).hasSize(2);
    }

    @Test
    void a_Lease_that_the_informer_shows_too_late_is_read_before_a_mark() {
        world.node("node1", 1);
        look(60);
        world.renew("node1");

        look(30);

        assertThat(world.marked).isEmpty();
        assertThat(world.leaseReads).contains("agent.node1");
    }

    @Test
    void a_Lease_is_not_read_while_nothing_is_to_be_marked() {
        world.node("node1", 1);
        look(65);
        world.leaseReads.clear();

        look(3600);

        assertThat(world.leaseReads).isEmpty();
    }

    @Test
    void an_API_server_that_does_not_answer_makes_the_judge_wait_again() {
        world.node("node1", 1);
        look(60);
        world.failures.add(503);

        look(65);
        assertThat(world.marked).isEmpty();
        look(5);

        assertThat(world.marked).hasSize(1);
    }

    @Test
    void a_controller_that_was_cut_off_marks_nobody_who_renewed_meanwhile_or_right_after() {
        world.node("node1", 1);
        look(10);
        world.current = false;
        look(300);
        world.current = true;
        look(50);
        world.renew("node1");
        world.show();

        look(50);

        assertThat(world.marked).isEmpty();
    }

    @Test
    void a_controller_that_starts_after_a_death_marks_what_has_no_mark() {
        world.node("node1", 2);
        look(65);
        world.report("node1-1", "node1");
        liveness = world.liveness();

        look(70);

        assertThat(world.marked).containsExactly("node1-0", "node1-1", "node1-1");
    }

    @Test
    void a_tunnel_that_changes_at_the_moment_of_the_mark_is_left_to_the_next_look() {
        world.node("node1", 2);
        look(60);
        world.failWrites(409, 1);

        assertThat(look().marked()).isEqualTo(1);
        assertThat(look().marked()).isEqualTo(1);
    }

    @Test
    void a_full_API_server_ends_the_look_and_loses_no_mark() {
        world.node("node1", 1);
        world.node("node2", 2);
        look(60);
        world.failWrites(429, 1);

        assertThat(look(10)).containsExactly(0, 3);
    }

    @Test
    void an_API_server_that_takes_no_mark_makes_the_judge_wait_again() {
        world.node("node1", 1);
        look(60);
        world.failWrites(503, 1);

        look(65);
        assertThat(world.marked).isEmpty();
        look(5);

        assertThat(world.marked).hasSize(1);
    }

    @Test
    void at_most_50_marks_are_written_in_a_second() {
        world.node("node1", 600);

        List<Integer> marked = look(90);

        assertThat(marked.subList(12, 15)).containsExactly(250, 250, 100);
    }

    @Test
    void if_many_agents_die_at_a_time_five_marks_are_written_in_a_second_after_one_list() {
        for (int node = 1; node <= 5; node++) {
            world.node("node" + node, 10);
        }

        List<Integer> marked = look(75);

        assertThat(marked.subList(12, 14)).containsExactly(25, 25);
        assertThat(world.leaseReads).containsOnly("all");
    }

    /** It may write no Lease any more, but writes statuses. */
    @Test
    void an_agent_that_answers_each_mark_without_a_renewal_is_marked_every_five_minutes() {
        world.node("node1", 1);
        for (int passed = 0; passed < 3600; passed += 5) {
            if (look().marked() > 0) {
                world.report("node1-0", "node1");
            }
        }

        assertThat(world.marked).hasSizeBetween(11, 13);
    }

    @Test
    void the_Lease_of_a_node_that_is_gone_is_removed_after_the_marks() {
        world.node("node1", 300);
        world.nodes.remove("node1");

        look(65);
        assertThat(world.leaseNames()).containsExactly("agent.node1");
        look(10);

        assertThat(world.marked).hasSize(300);
        assertThat(world.reasons("node1-0")).contains("Ready Unknown NodeGone");
        assertThat(world.leaseNames()).isEmpty();
        look(600);
        assertThat(world.marked).hasSize(300);
    }

    @Test
    void the_report_counts_agents_by_verdict() {
        world.node("node1", 1);
        world.node("node2", 1);
        look(60);
        world.renew("node2");
        world.show();

        assertThat(look().agents())
                .containsEntry(AgentVerdict.ALIVE, 1L)
                .containsEntry(AgentVerdict.AGENT_NOT_RESPONDING, 1L);
    }
}
