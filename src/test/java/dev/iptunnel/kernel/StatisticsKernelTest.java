package dev.iptunnel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.iptunnel.netlink.link.LinkStatistics;
import dev.iptunnel.netlink.link.LinkStatistics.Counters;
import dev.iptunnel.tunnel.TunnelDriver;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The counters that a scrape reads, compared with those that ip(8) prints. */
@Tag("kernel")
class StatisticsKernelTest {
    @RegisterExtension
    @Order(1)
    final TunnelNode node = new TunnelNode();

    @RegisterExtension
    @Order(2)
    final Peer peer = new Peer();

    private LinkStatistics counted(TunnelMode mode) {
        return Objects.requireNonNull(
                node.kernel.statistics(Set.of(mode.driver())).get(Iproute2.ifindex("tun")));
    }

    @ParameterizedTest
    @EnumSource
    void packets_through_a_tunnel_move_its_counters_as_ip_prints_them(TunnelMode mode) {
        // given
        node.program(TunnelNode.tunnel("tun", mode));
        Peer.tunnel(mode);
        LinkStatistics before = counted(mode);

        // when
        int answered = Peer.ping(Peer.inner(mode)).answered();

        // then
        LinkStatistics after = counted(mode);
        JsonNode printed = Iproute2.statistics("tun");
        assertThat(answered).isPositive();
        assertThat(after.received().packets() - before.received().packets()).isGreaterThanOrEqualTo(answered);
        assertThat(after.transmitted().packets() - before.transmitted().packets())
                .isGreaterThanOrEqualTo(answered);
        assertThat(after.received().bytes()).isGreaterThan(before.received().bytes());
        assertSame(after.received(), printed.get("rx"));
        assertSame(after.transmitted(), printed.get("tx"));
    }

    private static void assertSame(Counters counters, JsonNode printed) {
        assertThat(new long[] {counters.packets(), counters.bytes(), counters.errors(), counters.dropped()})
                .containsExactly(
                        printed.get("packets").asLong(),
                        printed.get("bytes").asLong(),
                        printed.get("errors").asLong(),
                        printed.get("dropped").asLong());
    }

    @Test
    void only_interfaces_of_the_drivers_that_are_asked_for_are_counted() {
        // given
        node.program(TunnelNode.tunnel("tun", TunnelMode.IPIP));
        node.program(
                TunnelNode.tunnel("six", TunnelMode.SIT).local("198.51.100.1").parent("under1"));

        // when
        Map<Integer, LinkStatistics> counted = node.kernel.statistics(Set.of(TunnelDriver.SIT));

        // then
        assertThat(counted)
                .containsKey(Iproute2.ifindex("six"))
                .doesNotContainKeys(Iproute2.ifindex("tun"), Iproute2.ifindex("under0"));
        assertThat(node.kernel.statistics(Set.of())).isEmpty();
    }
}
