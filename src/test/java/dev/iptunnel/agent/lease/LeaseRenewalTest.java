package dev.iptunnel.agent.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.lease.LeaseRenewal.Result;
import dev.iptunnel.schedule.MovableClock;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LeaseRenewalTest {
    private final MovableClock clock = new MovableClock();
    private final List<Instant> taken = new ArrayList<>();
    private final List<Result> results = new ArrayList<>();
    private boolean fails;
    private Optional<String> obstacle = Optional.empty();
    private final LeaseRenewal renewal = new LeaseRenewal(this::take, () -> obstacle, results::add, clock.clocks());

    private void take(Instant renewTime) {
        if (fails) {
            throw new KubernetesClientException("no");
        }
        taken.add(renewTime);
    }

    @AfterEach
    void close() {
        renewal.close();
    }

    @Test
    void the_Lease_gets_the_wall_clocks_time() {
        assertThat(renewal.renew()).isEqualTo(Result.RENEWED);

        assertThat(taken).containsExactly(clock.instant());
    }

    @Test
    void an_agent_that_does_not_work_withholds_the_renewal() {
        obstacle = Optional.of("thread kernel-watch ended");

        assertThat(renewal.renew()).isEqualTo(Result.WITHHELD);
        renewal.beforeStatus();

        assertThat(taken).isEmpty();
    }

    @Test
    void a_failed_renewal_is_counted_and_stops_nothing() {
        fails = true;
        assertThat(renewal.renew()).isEqualTo(Result.FAILED);
        fails = false;
        assertThat(renewal.renew()).isEqualTo(Result.RENEWED);

        assertThat(results).containsExactly(Result.FAILED, Result.RENEWED);
    }

    @Test
    void the_Lease_is_renewed_before_the_first_status() {
        renewal.beforeStatus();
        renewal.beforeStatus();

        assertThat(results).containsExactly(Result.RENEWED);
    }

    @Test
    void the_Lease_is_renewed_before_a_status_after_a_gap() {
        renewal.beforeStatus();
        clock.move(Duration.ofSeconds(39));
        renewal.beforeStatus();
        assertThat(results).hasSize(1);
        clock.move(Duration.ofSeconds(1));

        renewal.beforeStatus();

        assertThat(results).containsExactly(Result.RENEWED, Result.RENEWED);
    }

    @Test
    void many_statuses_do_not_repeat_a_renewal_that_failed() {
        fails = true;
        for (int status = 0; status < 100; status++) {
            renewal.beforeStatus();
        }
        assertThat(results).containsExactly(Result.FAILED);
        clock.move(Duration.ofSeconds(5));

        renewal.beforeStatus();

        assertThat(results).hasSize(2);
    }
}
