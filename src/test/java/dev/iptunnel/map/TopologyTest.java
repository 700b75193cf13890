package dev.iptunnel.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopologyTest {
    private static final MappedTunnel TO_B = Networks.ready("to-b", "a", "192.0.2.1", "192.0.2.2");
    private static final MappedTunnel TO_A = Networks.ready("to-a", "b", "192.0.2.2", "192.0.2.1");

    private static List<String> sentences(Topology topology) {
        return topology.lines().stream()
                .map(line -> line.near().name() + "-" + line.far().name() + ": " + line.sentence())
                .toList();
    }

    @Test
    void two_tunnels_that_mirror_each_other_are_one_line_with_the_state_of_each() {
        Topology topology = Networks.topology(List.of(TO_B, Networks.failed(TO_A, "ParentDown")));

        assertThat(sentences(topology))
                .containsExactly("a-b: ipip, to-b on a: ready; to-a on b: not ready, ParentDown");
    }

    @Test
    void tunnels_of_other_modes_or_with_other_addresses_are_lines_of_their_own() {
        MappedTunnel sit = new MappedTunnel("sit", "b", "sit", "192.0.2.2", "192.0.2.1", EndState.READY, "");
        MappedTunnel other = Networks.ready("other", "b", "192.0.2.22", "192.0.2.1");

        assertThat(sentences(Networks.topology(List.of(TO_B, sit, other))))
                .containsExactly(
                        "a-b: ipip, to-b on a: ready; no tunnel leads back from b",
                        "b-a: ipip, other on b: ready; no tunnel leads back from a",
                        "b-a: sit, sit on b: ready; no tunnel leads back from a");
    }

    @Test
    void an_IPv6_address_is_the_same_in_each_spelling() {
        MappedTunnel there = Networks.ready("to-b", "a", "fd00::1", "FD00:0::2");
        MappedTunnel back = Networks.ready("to-a", "b", "fd00::2", "fd00:0:0:0:0:0:0:1");

        assertThat(Networks.topology(List.of(there, back)).lines()).hasSize(1);
    }

    @Test
    void the_remote_address_of_a_node_leads_to_that_node() {
        Topology topology = Topology.of(List.of(TO_B), Map.of("b", List.of("198.51.100.2", "192.0.2.2")));

        assertThat(sentences(topology)).containsExactly("a-b: ipip, to-b on a: ready; no tunnel leads back from b");
    }

    @Test
    void an_address_that_two_nodes_or_none_has_and_any_lead_to_an_endpoint_outside() {
        MappedTunnel any = Networks.ready("any", "a", "192.0.2.1", "any");
        MappedTunnel anyLocal = Networks.ready("any-local", "b", "any", "192.0.2.9");
        MappedTunnel unknown = Networks.ready("unknown", "a", "192.0.2.1", "192.0.2.9");
        var shared = Map.of("b", List.of("192.0.2.2"), "c", List.of("192.0.2.2"));

        Topology topology = Topology.of(List.of(any, anyLocal, unknown, TO_B), shared);

        assertThat(topology.lines()).extracting(Line::far).allMatch(place -> !place.node());
        assertThat(topology.places())
                .extracting(LineEnd::name)
                .containsExactly("a", "b", "192.0.2.2", "192.0.2.9", "any");
    }

    @Test
    void an_object_that_is_listed_twice_is_drawn_once() {
        assertThat(sentences(Networks.topology(List.of(TO_B, TO_A, TO_A, TO_B))))
                .hasSize(1);
    }

    @Test
    void node2_is_before_node10() {
        assertThat(Networks.topology(Networks.mesh(11)).places())
                .extracting(LineEnd::name)
                .startsWith("node1", "node2", "node3")
                .endsWith("node9", "node10", "node11");
    }
}
