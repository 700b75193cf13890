package dev.iptunnel.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.health.TunnelState;
import dev.iptunnel.tunnel.TunnelDriver;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusPageTest {
    private final StatusPage page = new StatusPage();

    private static TunnelState tunnel(String name, int ifindex, boolean ready, String reason, boolean contended) {
        return new TunnelState(
                name,
                "ipip",
                "tun" + ifindex,
                "192.0.2.1",
                "198.51.100.1",
                "eth0",
                Optional.of(TunnelDriver.IPIP),
                ifindex == 0 ? OptionalInt.empty() : OptionalInt.of(ifindex),
                OptionalInt.of(1480),
                ready,
                ready,
                reason,
                "the message",
                "2026-01-02T03:04:05Z",
                contended,
                0);
    }

    @Test
    void it_has_a_line_for_each_thing_and_a_table_of_the_tunnels_by_name() {
        // given
        page.add("node", () -> "node1");
        page.add("API server", () -> "last heard of 3s ago");
        TunnelState.describe(
                page,
                () -> List.of(
                        tunnel("to-hamburg", 0, false, "ParentDown", false),
                        tunnel("to-berlin", 7, true, "TunnelUp", true)));

        // when
        String text = page.text();

        // then
        assertThat(text)
                .isEqualTo(
                        """
                        node:       node1
                        API server: last heard of 3s ago

                        TUNNEL      INTERFACE  IFINDEX  READY  REASON                SINCE                 MESSAGE
                        to-berlin   tun7       7        True   TunnelUp (contended)  2026-01-02T03:04:05Z  the message
                        to-hamburg  tun0       -        False  ParentDown            2026-01-02T03:04:05Z  the message""");
    }

    @Test
    void a_line_that_fails_does_not_take_the_others_away() {
        // given
        page.add("queue", () -> {
            throw new IllegalStateException("closed");
        });
        page.add("node", () -> "node1");

        // when
        String text = page.text();

        // then
        assertThat(text)
                .contains("unknown: java.lang.IllegalStateException: closed")
                .contains("node1");
    }

    @ParameterizedTest
    @CsvSource({"PT0S, 0s", "PT59S, 59s", "PT61S, 1m1s", "PT2H3M4S, 2h3m", "P1DT4S, 1d0h", "PT1H, 1h0m"})
    void a_duration_has_its_two_largest_units(Duration time, String text) {
        assertThat(StatusPage.text(time)).isEqualTo(text);
    }

    @Test
    void what_never_happened_says_so() {
        Instant now = Instant.ofEpochSecond(100);
        assertThat(StatusPage.ago(Optional.empty(), now)).isEqualTo("never");
        assertThat(StatusPage.ago(Optional.of(now.minusSeconds(61)), now)).isEqualTo("1m1s ago");
    }
}
