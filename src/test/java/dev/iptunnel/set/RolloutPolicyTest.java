package dev.iptunnel.set;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.set.RolloutPolicy.MaxUnavailable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RolloutPolicyTest {
    @ParameterizedTest
    @CsvSource({
        "10, true, 0, 1", "10, true, 1, 1", "10, true, 2, 1", "10, true, 10, 1", "10, true, 11, 2",
        "1, true, 1000, 10", "50, true, 3, 2", "100, true, 1, 1", "100, true, 7, 7", "3, false, 2, 3"
    })
    void a_share_of_nodes_is_rounded_up_and_at_least_one(int number, boolean percent, int nodes, int expected) {
        assertThat(new MaxUnavailable(number, percent).of(nodes)).isEqualTo(expected);
    }
}
