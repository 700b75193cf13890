package dev.iptunnel.set.change;

import static dev.iptunnel.set.member.SetBuilder.CREATED;
import static dev.iptunnel.set.member.SetBuilder.mesh;
import static dev.iptunnel.set.member.SetBuilder.node;
import static dev.iptunnel.set.member.SetBuilder.prefixes;
import static dev.iptunnel.set.member.SetBuilder.ranges;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.set.AddressRanges;
import dev.iptunnel.set.FleetNode;
import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.TunnelSet;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PoolConflictTest {
    private static final TunnelSet SET = mesh().pool("10.200.0.0/16").build();

    @Test
    void a_pool_that_overlaps_an_older_sets_pool_is_in_conflict() {
        // when
        Optional<SetProblem> problem = PoolConflict.of(SET, List.of(other(CREATED.minusSeconds(1))), List.of());

        // then
        assertThat(problem)
                .contains(new SetProblem(
                        "",
                        "",
                        "PoolConflict",
                        "10.200.0.0/16 of addressPool overlaps 10.200.4.0/24 of the IpTunnelSet other, which is older:"
                                + " exclude these addresses in addressPool.excluded, or make another set with other"
                                + " networks; until then the set's tunnels stay as they are"));
    }

    @Test
    void a_younger_sets_pool_is_no_conflict() {
        // when
        Optional<SetProblem> problem = PoolConflict.of(SET, List.of(other(CREATED.plusSeconds(1))), List.of());

        // then
        assertThat(problem).isEmpty();
    }

    @Test
    void what_one_of_the_two_excludes_is_no_conflict() {
        // given
        TunnelSet excluding =
                mesh().pool("10.200.0.0/16").excluded("10.200.4.0/22").build();
        PoolConflict.OtherPool other = new PoolConflict.OtherPool(
                "other",
                "uid",
                CREATED.minusSeconds(1),
                new AddressRanges(prefixes("10.0.0.0/8"), prefixes("10.200.0.0/16")));

        // then
        assertThat(PoolConflict.of(excluding, List.of(other(CREATED.minusSeconds(1))), List.of()))
                .isEmpty();
        assertThat(PoolConflict.of(SET, List.of(other), List.of())).isEmpty();
    }

    @Test
    void a_pool_that_overlaps_pods_or_contains_an_address_of_a_node_is_in_conflict() {
        // given
        FleetNode pods = node("a", Map.of(), List.of("10.200.7.0/24"), "172.16.0.1");
        FleetNode inside = node("b", "10.200.9.9");

        // when
        Optional<SetProblem> ofPods = PoolConflict.of(SET, List.of(), List.of(inside, pods));
        Optional<SetProblem> ofNode = PoolConflict.of(SET, List.of(), List.of(inside));

        // then
        assertThat(ofPods.map(SetProblem::message)).hasValueSatisfying(message -> assertThat(message)
                .startsWith("10.200.0.0/16 of addressPool overlaps the pods' network 10.200.7.0/24 of the node:"));
        assertThat(ofNode.map(SetProblem::message)).hasValueSatisfying(message -> assertThat(message)
                .startsWith("10.200.0.0/16 of addressPool contains 10.200.9.9, an address of the node:"));
    }

    private static PoolConflict.OtherPool other(Instant created) {
        return new PoolConflict.OtherPool("other", "uid-of-other", created, ranges("10.200.4.0/24"));
    }
}
