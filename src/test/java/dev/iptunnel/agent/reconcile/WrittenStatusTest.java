package dev.iptunnel.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class WrittenStatusTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final IpTunnelStatus BEFORE = status(1400);
    private static final IpTunnelStatus FIRST = status(1480);
    private static final IpTunnelStatus SECOND = status(1460);

    private static IpTunnelStatus status(int mtu) {
        return new IpTunnelStatus(1L, "to-berlin", 7, mtu, null, null, null, null, List.of());
    }

    private static IpTunnel showing(IpTunnelStatus status) {
        return showing(status, "1");
    }

    private static IpTunnel showing(IpTunnelStatus status, String resourceVersion) {
        IpTunnel tunnel = Tunnels.ipip("to-berlin");
        tunnel.getMetadata().setResourceVersion(resourceVersion);
        tunnel.setStatus(status);
        return tunnel;
    }

    private final WrittenStatus first = WrittenStatus.NONE.after(showing(BEFORE), FIRST, NOW);
    private final WrittenStatus second = first.after(showing(BEFORE), SECOND, NOW);

    @Test
    void before_the_first_write_the_status_of_the_object_counts() {
        assertThat(WrittenStatus.NONE.current(showing(BEFORE), NOW)).isEqualTo(BEFORE);
    }

    @Test
    void a_written_status_counts_until_the_watch_shows_a_new_version_of_the_object() {
        assertThat(first.current(showing(BEFORE), NOW.plus(Duration.ofDays(1)))).isEqualTo(FIRST);
        assertThat(first.current(showing(status(1300), "2"), NOW)).isEqualTo(status(1300));
    }

    /** Otherwise the first status would not be written again when it is right again, and the second would stay. */
    @Test
    void the_second_written_status_counts_while_the_object_shows_the_first() {
        assertThat(second.current(showing(FIRST, "2"), NOW)).isEqualTo(SECOND);
        assertThat(second.isWritten(showing(FIRST, "2"), FIRST, NOW)).isFalse();
    }

    @Test
    void a_status_that_is_written_again_counts_whichever_status_the_object_shows() {
        WrittenStatus third = second.after(showing(FIRST, "2"), FIRST, NOW);

        assertThat(List.of(BEFORE, FIRST, SECOND))
                .allSatisfy(shown ->
                        assertThat(third.current(showing(shown, "3"), NOW)).isEqualTo(FIRST));
    }

    @Test
    void after_a_minute_a_new_version_of_the_object_counts_whatever_it_shows() {
        assertThat(second.current(showing(FIRST, "2"), NOW.plus(Duration.ofMinutes(1))))
                .isEqualTo(FIRST);
    }

    @Test
    void only_the_latest_superseded_statuses_are_remembered() {
        WrittenStatus written = WrittenStatus.NONE;
        for (int mtu = 1300; mtu < 1400; mtu++) {
            written = written.after(showing(BEFORE), status(mtu), NOW);
        }

        assertThat(written.superseded()).hasSize(16).contains(BEFORE, status(1398));
    }
}
