package dev.iptunnel.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefusalTest {
    @ParameterizedTest
    @CsvSource({"1, about 0", "3, about 0; about 1; about 2", "5, about 0; about 1; about 2; and 2 more"})
    void names_the_first_few_and_counts_the_rest(int number, String message) {
        // given
        IntStream numbers = IntStream.range(0, number);

        // when
        Refusal all = Refusal.ofAll(numbers.mapToObj(i -> new Refusal(
                        i == 0 ? Reason.ROUTE_CONFLICT : Reason.KERNEL_ERROR,
                        "about " + i,
                        i == 0 ? Optional.of("to-berlin") : Optional.empty()))
                .toList());

        // then
        assertThat(all).isEqualTo(new Refusal(Reason.ROUTE_CONFLICT, message, Optional.of("to-berlin")));
    }
}
