package dev.iptunnel.set.member;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.set.Edge;
import dev.iptunnel.set.SetProblem;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EdgesTest {
    @Test
    void per_node_has_one_tunnel_on_each_node() {
        // when
        Edges edges = Edges.of(SetBuilder.perNode().build(), members("b", "a"));

        // then
        assertThat(edges.edges()).containsExactly(new Edge("a", ""), new Edge("b", ""));
    }

    @Test
    void a_mesh_has_both_directions_of_each_pair_next_to_one_another() {
        // when
        Edges edges = Edges.of(SetBuilder.mesh().build(), members("c", "a", "b"));

        // then
        assertThat(edges.edges())
                .containsExactly(
                        new Edge("a", "b"),
                        new Edge("b", "a"),
                        new Edge("a", "c"),
                        new Edge("c", "a"),
                        new Edge("b", "c"),
                        new Edge("c", "b"));
    }

    @Test
    void spokes_have_tunnels_to_hubs_and_hubs_to_one_another_only_with_hub_mesh() {
        // given
        List<Member> members = members("a", "b", "hub1", "hub2");

        // when
        List<Edge> alone =
                Edges.of(SetBuilder.hubAndSpoke(false).build(), members).edges();
        List<Edge> meshed =
                Edges.of(SetBuilder.hubAndSpoke(true).build(), members).edges();

        // then
        assertThat(alone).hasSize(8).doesNotContain(new Edge("a", "b"), new Edge("hub1", "hub2"));
        assertThat(meshed).hasSize(10).contains(new Edge("hub1", "hub2"), new Edge("hub2", "hub1"));
    }

    @Test
    void a_set_that_asks_for_more_tunnels_than_it_may_is_not_followed() {
        // when
        Edges edges = Edges.of(SetBuilder.mesh().maxTunnels(5).build(), members("a", "b", "c"));

        // then
        assertThat(edges.edges()).isEmpty();
        assertThat(edges.problem().map(SetProblem::reason)).contains("TooManyTunnels");
        assertThat(Edges.of(SetBuilder.mesh().maxTunnels(6).build(), members("a", "b", "c"))
                        .problem())
                .isEmpty();
    }

    @Test
    void without_a_hub_nothing_is_changed() {
        // when
        Edges edges = Edges.of(SetBuilder.hubAndSpoke(true).build(), members("a", "b"));

        // then
        assertThat(edges.problem().map(SetProblem::reason)).contains("NoHub");
    }

    private static List<Member> members(String... names) {
        return Stream.of(names)
                .map(name -> new Member(
                        name,
                        Member.Standing.SELECTED,
                        Optional.empty(),
                        List.of(),
                        List.of(),
                        name.startsWith("hub"),
                        false,
                        true))
                .toList();
    }
}
