package dev.iptunnel.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FirstRoundTest {
    private final List<String> pending = new ArrayList<>(List.of("to-berlin", "to-bonn", "to-hamburg"));
    private final AtomicLong nanos = new AtomicLong();
    private final FirstRound round = new FirstRound(3, () -> List.copyOf(pending), nanos::get);

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    @Test
    void it_says_how_many_are_left_and_ends_with_the_last() {
        // given
        pending.removeFirst();

        // when
        String waiting = round.remaining().orElse("");
        pending.clear();

        // then
        assertThat(waiting)
                .isEqualTo("waiting: 2 of the 3 IpTunnels of the first list were not reconciled yet, such as to-bonn");
        assertThat(round.remaining()).isEmpty();
    }

    @Test
    void an_object_that_hangs_delays_it_by_a_minute_after_the_last_other_one() {
        // given
        pass(Duration.ofSeconds(59));
        pending.remove("to-berlin");
        boolean early = round.remaining().isPresent();
        pass(Duration.ofSeconds(59));
        boolean later = round.remaining().isPresent();

        // when
        pass(Duration.ofSeconds(2));

        // then
        assertThat(early).isTrue();
        assertThat(later).isTrue();
        assertThat(round.remaining()).isEmpty();
    }

    @Test
    void once_ended_it_stays_so() {
        // given
        pending.clear();
        boolean ended = round.remaining().isEmpty();

        // when
        pending.add("to-berlin");

        // then
        assertThat(ended).isTrue();
        assertThat(round.remaining()).isEmpty();
    }
}
