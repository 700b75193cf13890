package dev.iptunnel.agent.orphan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.kernel.Heartbeat;
import dev.iptunnel.kernel.TimedHeartbeat;
import dev.iptunnel.schedule.MovableClock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RemovalsTest {
    private final MovableClock clock = new MovableClock();
    private final Heartbeat heartbeat = TimedHeartbeat.of(clock);
    private final List<Optional<String>> troubles = new CopyOnWriteArrayList<>();

    @Test
    void many_removals_with_progress_are_not_stuck_however_long_they_take() {
        AtomicInteger done = new AtomicInteger();
        heartbeat.begin();

        Removals.sideBySide(IntStream.range(0, 100).boxed().toList(), _ -> {
            synchronized (this) {
                clock.move(Duration.ofSeconds(16));
                Heartbeat.progress();
                if (done.incrementAndGet() == 100) {
                    troubles.add(heartbeat.trouble());
                }
            }
        });

        troubles.add(heartbeat.trouble());
        assertThat(troubles).containsExactly(Optional.empty(), Optional.empty());
    }

    @Test
    void one_removal_without_progress_is_stuck() {
        heartbeat.begin();

        Removals.sideBySide(List.of(1), _ -> {
            clock.move(Duration.ofSeconds(301));
            troubles.add(heartbeat.trouble());
        });

        assertThat(troubles).singleElement().satisfies(trouble -> assertThat(trouble)
                .isPresent());
    }
}
