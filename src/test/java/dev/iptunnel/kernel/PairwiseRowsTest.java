package dev.iptunnel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.kernel.PairwiseRows.Pair;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PairwiseRowsTest {
    private static Set<Pair> pairsOf(List<Map<String, String>> rows) {
        Set<Pair> pairs = new HashSet<>();
        rows.forEach(row -> pairs.addAll(PairwiseRows.pairsOf(row)));
        return pairs;
    }

    @Test
    void four_columns_of_three_values_take_less_than_half_of_all_combinations() {
        // given
        List<String> values = List.of("1", "2", "3");
        PairwiseRows pairwise = new PairwiseRows(Map.of("a", values, "b", values, "c", values, "d", values), _ -> true);

        // when
        List<Map<String, String>> rows = pairwise.atLeast(1);

        // then
        assertThat(pairsOf(rows)).hasSize(6 * 9);
        assertThat(rows).hasSizeLessThan(81 / 2);
    }

    @Test
    void what_does_not_go_together_is_never_in_a_row() {
        // given
        PairwiseRows pairwise = new PairwiseRows(
                Map.of("pet", List.of("cat", "fish"), "home", List.of("basket", "bowl")),
                row -> !(row.containsValue("cat") && row.containsValue("bowl")));

        // when
        List<Map<String, String>> rows = pairwise.atLeast(1);

        // then
        assertThat(rows)
                .containsExactlyInAnyOrder(
                        Map.of("pet", "cat", "home", "basket"),
                        Map.of("pet", "fish", "home", "basket"),
                        Map.of("pet", "fish", "home", "bowl"));
    }

    @ParameterizedTest
    @EnumSource
    void the_differential_matrix_has_every_pair_of_values_that_an_IpTunnel_may_have(TunnelMode mode) {
        assertThat(pairsOf(DifferentialMatrix.rows(mode)))
                .isEqualTo(DifferentialMatrix.pairwise(mode).pairs());
    }

    @Test
    void the_differential_matrix_has_three_hundred_combinations_and_more() {
        assertThat(Stream.of(TunnelMode.values())
                        .flatMap(mode -> DifferentialMatrix.rows(mode).stream().map(row -> Map.entry(mode, row)))
                        .distinct())
                .hasSizeGreaterThanOrEqualTo(300);
    }
}
