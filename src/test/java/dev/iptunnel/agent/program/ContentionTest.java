package dev.iptunnel.agent.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ContentionTest {
    private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");

    private Contention contention = Contention.NONE;
    private Instant now = START;

    private void repair(int times) {
        for (int i = 0; i < times; i++) {
            contention = contention.asOf(now).repaired(now, "ip link set dev tun mtu 1480");
        }
    }

    @Test
    void a_few_repairs_are_made_without_delay() {
        repair(Contention.MANY - 1);

        assertThat(contention.isContended()).isFalse();
        assertThat(contention.heldFor(now)).isZero();
    }

    @Test
    void repairs_that_are_far_apart_are_never_contended() {
        for (int i = 0; i < 100; i++) {
            repair(1);
            now = now.plusSeconds(3);
        }

        assertThat(contention.isContended()).isFalse();
    }

    @Test
    void in_a_fight_each_repair_waits_twice_as_long_up_to_a_limit() {
        List<Long> holds = new ArrayList<>();
        repair(Contention.MANY);
        for (int i = 0; i < 7; i++) {
            Duration held = contention.heldFor(now);
            holds.add(held.toSeconds());
            now = now.plus(held);
            repair(1);
        }

        assertThat(holds).containsExactly(2L, 4L, 8L, 16L, 32L, 64L, 64L);
    }

    @Test
    void a_contention_ends_after_twice_the_last_wait_without_a_repair() {
        repair(Contention.MANY);

        assertThat(contention.asOf(now.plusMillis(3_999)).isContended()).isTrue();
        assertThat(contention.quietIn(now)).isEqualTo(Duration.ofSeconds(4));
        assertThat(contention.asOf(now.plusSeconds(4))).isEqualTo(Contention.NONE);
    }

    @Test
    void the_report_of_a_contention_does_not_change_while_it_lasts() {
        repair(Contention.MANY);
        String first = contention.refusal(Optional.empty()).message();
        now = now.plusSeconds(3);
        repair(1);

        assertThat(contention.refusal(Optional.empty()).message())
                .isEqualTo(first)
                .contains("ip link set dev tun mtu 1480");
    }
}
