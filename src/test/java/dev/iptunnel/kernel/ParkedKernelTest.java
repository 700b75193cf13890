package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A tunnel without endpoints keeps its routes, and what they lead into it goes nowhere. */
@Tag("kernel")
class ParkedKernelTest {
    private static final int PINGS = 50;

    @RegisterExtension
    @Order(1)
    final TunnelNode node = new TunnelNode();

    @RegisterExtension
    @Order(2)
    final Peer peer = new Peer();

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void what_is_sent_into_a_parked_tunnel_leaves_the_node_by_no_way(TunnelMode mode) {
        IpFamily inner = mode.inner();
        String behind = inner == IpFamily.IPV4 ? "10.66.0.9" : "fd66::9";
        IpPrefix network = IpPrefix.parse(inner, inner == IpFamily.IPV4 ? "10.66.0.0/24" : "fd66::/64");
        DesiredTunnelBuilder older = tunnel("older", mode).addresses();
        DesiredTunnelBuilder younger = tunnel("younger", mode)
                .created("2026-02-02T00:00:00Z")
                .routes(new InnerRoute(network, Optional.empty(), InnerRoute.MAIN_TABLE, 0));
        Iproute2.run(
                inner == IpFamily.IPV4
                        ? "ip route replace default via 192.0.2.2"
                        : "ip -6 route replace default via 2001:db8::2");
        node.program(younger);
        assertThat(packetsLeavingWhenPinging(behind)).isGreaterThanOrEqualTo(PINGS);
        node.claim(older, younger);
        node.program(older);

        long leaving = packetsLeavingWhenPinging(behind);

        // Neighbour discovery and the like.
        assertThat(leaving).isLessThan(PINGS / 2);
        assertThat(Iproute2.routes(network.toString()))
                .singleElement()
                .asString()
                .contains("dev younger");
    }

    private static long packetsLeavingWhenPinging(String address) {
        long before = packetsSent();
        Iproute2.run(List.of("sh", "-c", "ping -n -c " + PINGS + " -i 0.01 -W 1 " + address + " || true"));
        return packetsSent() - before;
    }

    private static long packetsSent() {
        return Long.parseLong(
                Iproute2.run("cat /sys/class/net/under0/statistics/tx_packets").strip());
    }
}
