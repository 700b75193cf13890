package dev.iptunnel.set.child;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.set.ChildTunnel;
import dev.iptunnel.set.Edge;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.set.member.SetBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ChildNamesTest {
    private static final Edge EDGE = new Edge("node1", "node2");

    /** The list was computed by another program. It must never change: tunnels that exist have these names. */
    @Test
    void names_are_those_of_the_golden_list() throws IOException {
        // given
        List<String> golden =
                read("names.txt").lines().filter(line -> !line.startsWith("#")).toList();

        // when
        List<String> named = golden.stream().map(ChildNamesTest::name).toList();

        // then
        assertThat(named).isEqualTo(golden);
    }

    private static String name(String line) {
        String key = line.substring(0, line.indexOf(':'));
        String[] words = key.split(", ", -1);
        TunnelSet set = withPrefix(SetBuilder.mesh().named(words[0]).build(), words[1]);
        int collisions = Integer.parseInt(words[4]);
        return key + ": " + ChildNames.tunnel(words[0], new Edge(words[2], words[3]), collisions) + ", "
                + ChildNames.networkInterface(set, words[3], collisions);
    }

    @Test
    void names_fit_however_long_the_names_of_set_and_nodes_are() {
        for (int length = 1; length <= 253; length++) {
            // given
            String node = ("n.-" + "o.".repeat(127))
                    .replace(".-", "-")
                    .substring(0, length)
                    .replaceAll("[.-]$", "x");
            String name = "s-".repeat(20).substring(0, Math.min(length, 40)).replaceAll("-$", "t");
            TunnelSet set = withPrefix(SetBuilder.mesh().named(name).build(), "pool");

            // when
            String tunnel = ChildNames.tunnel(name, new Edge(node, node), length);
            String networkInterface = ChildNames.networkInterface(set, node, length);

            // then
            assertThat(tunnel).hasSizeLessThanOrEqualTo(63).matches("[a-z0-9]+([.-][a-z0-9]+)*");
            assertThat(networkInterface).hasSizeLessThanOrEqualTo(15).matches("[a-z0-9]+-[a-z2-7]{10}");
        }
    }

    @Test
    void set_a_with_node_b_c_and_set_a_b_with_node_c_have_two_names() {
        // when
        List<String> names =
                List.of(ChildNames.tunnel("a", new Edge("b-c", ""), 0), ChildNames.tunnel("a-b", new Edge("c", ""), 0));

        // then
        assertThat(names).doesNotHaveDuplicates();
    }

    @Test
    void the_interfaces_of_a_mesh_are_unique_on_each_node() {
        // given
        TunnelSet set = SetBuilder.mesh().build();

        // when
        List<String> names = IntStream.range(0, 10_000)
                .mapToObj(i -> ChildNames.networkInterface(set, "node" + i, 0))
                .toList();

        // then
        assertThat(names).doesNotHaveDuplicates();
    }

    @Test
    void a_clash_of_names_raises_the_count_for_new_tunnels_only() {
        // given
        Edge made = new Edge("node1", "node3");
        Map<Edge, ChildTunnel> existing = Map.of(made, child(made, "old", "bb-old"));
        NamedEdges.Taken taken = new NamedEdges.Taken(Set.of(ChildNames.tunnel("backbone", EDGE, 0)), Map.of());

        // when
        NamedEdges named = NamedEdges.of(SetBuilder.mesh().build(), List.of(EDGE, made), existing, taken, 0);

        // then
        assertThat(named.collisions()).isEqualTo(1);
        assertThat(named.names())
                .containsEntry(made, new NamedEdges.Name("old", "bb-old"))
                .containsEntry(
                        EDGE,
                        new NamedEdges.Name(
                                ChildNames.tunnel("backbone", EDGE, 1),
                                ChildNames.networkInterface(SetBuilder.mesh().build(), "node2", 1)));
    }

    @Test
    void a_clash_of_interfaces_on_the_node_raises_the_count() {
        // given
        TunnelSet set = SetBuilder.mesh().build();
        String name = ChildNames.networkInterface(set, "node2", 0);

        // when
        NamedEdges here = NamedEdges.of(
                set, List.of(EDGE), Map.of(), new NamedEdges.Taken(Set.of(), Map.of("node1", Set.of(name))), 0);
        NamedEdges elsewhere = NamedEdges.of(
                set, List.of(EDGE), Map.of(), new NamedEdges.Taken(Set.of(), Map.of("node9", Set.of(name))), 0);

        // then
        assertThat(here.collisions()).isEqualTo(1);
        assertThat(elsewhere.collisions()).isZero();
    }

    @Test
    void without_new_tunnels_the_count_stays() {
        // when
        NamedEdges named = NamedEdges.of(
                SetBuilder.mesh().build(),
                List.of(EDGE),
                Map.of(EDGE, child(EDGE, "old", "bb-old")),
                NamedEdges.Taken.NOTHING,
                3);

        // then
        assertThat(named.collisions()).isEqualTo(3);
    }

    private static ChildTunnel child(Edge edge, String name, String networkInterface) {
        return new ChildTunnel(
                name,
                "uid",
                "1",
                1,
                "uid-of-backbone",
                edge,
                "r1",
                Map.of(),
                Map.of(),
                SetBuilder.json("{\"interfaceName\": \"" + networkInterface + "\"}"),
                false,
                new ChildTunnel.Observed(1, "True", "", "", Optional.empty(), Optional.empty()));
    }

    private static TunnelSet withPrefix(TunnelSet set, String prefix) {
        return new TunnelSet(
                set.name(),
                set.uid(),
                set.generation(),
                set.created(),
                set.nodeSelector(),
                set.topology(),
                set.outerAddresses(),
                Optional.of(prefix).filter(text -> !text.isEmpty()),
                set.pool(),
                set.routes(),
                set.overrides(),
                set.template(),
                set.rollout(),
                set.leave(),
                set.maxTunnels(),
                set.revisionHistoryLimit(),
                set.retry(),
                set.confirmedRemoval());
    }

    private static String read(String resource) throws IOException {
        try (var stream = ChildNamesTest.class.getResourceAsStream(resource)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
