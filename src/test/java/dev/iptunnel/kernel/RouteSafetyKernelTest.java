package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.Reason;
import dev.iptunnel.tunnel.Refusal;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Routes and addresses that would cut the node off are left out; the tunnel and its other routes are made. */
@Tag("kernel")
class RouteSafetyKernelTest {
    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    @BeforeEach
    void the_node_has_a_default_gateway() {
        Iproute2.batch(
                "route add default via 192.0.2.254 dev under0",
                "route add default via 2001:db8::ffff dev under0",
                "rule add from 10.66.0.0/16 lookup 101 pref 1001",
                "rule add lookup 102 pref 1002");
        Iproute2.run("ip -6 rule add lookup 102 pref 1002");
    }

    @AfterEach
    void the_rules_go() {
        Iproute2.batch("rule del pref 1001", "rule del pref 1002");
        Iproute2.run("ip -6 rule del pref 1002");
    }

    private static InnerRoute route(TunnelMode mode, String destination, long table, long metric) {
        return new InnerRoute(IpPrefix.parse(mode.inner(), destination), Optional.empty(), table, metric);
    }

    private static InnerRoute route(String destination, long table, long metric) {
        return route(TunnelMode.IPIP, destination, table, metric);
    }

    private static InnerRoute harmless() {
        return route("10.50.0.0/16", 254, 0);
    }

    /** Without a parent: the outer packets go by the routing table. */
    private static DesiredTunnelBuilder unbound(TunnelMode mode) {
        return tunnel("tun", mode).parent(Optional.empty());
    }

    @ParameterizedTest
    @CsvSource({
        "203.0.113.0/24, 254, 0",
        "203.0.113.250/32, 254, 500",
        "128.0.0.0/1, 254, 0",
        "0.0.0.0/0, 102, 0",
        "192.0.2.254/32, 254, 0",
        "192.0.2.128/25, 254, 0",
    })
    void a_route_that_would_cut_the_node_off_is_left_out(String destination, long table, long metric) {
        InnerRoute isolating = route(destination, table, metric);

        List<Refusal> refused = node.program(tunnel("tun", TunnelMode.IPIP).routes(isolating, harmless()));

        assertThat(refused).singleElement().satisfies(refusal -> {
            assertThat(refusal.reason()).isEqualTo(Reason.ROUTE_WOULD_ISOLATE_NODE);
            assertThat(refusal.message()).contains("route " + destination + " (spec.routes)");
        });
        assertThat(Iproute2.run("ip route get 203.0.113.250")).contains("dev under0");
        assertThat(Iproute2.run("ip route get 192.0.2.254")).contains("dev under0");
        assertThat(Iproute2.routes("dev tun")).anyMatch(line -> line.startsWith("10.50.0.0/16"));
    }

    @Test
    void a_route_that_would_cut_the_node_off_is_made_where_that_is_allowed() {
        InnerRoute isolating = route("203.0.113.0/24", 254, 0);

        List<Refusal> refused =
                node.program(tunnel("tun", TunnelMode.IPIP).allowIsolation().routes(isolating));

        assertThat(refused).isEmpty();
        assertThat(Iproute2.run("ip route get 203.0.113.250")).contains("dev tun");
    }

    @ParameterizedTest
    @ValueSource(strings = {"203.0.113.1/24", "203.0.113.250/32", "10.1.1.1/32 peer 203.0.113.250", "192.0.2.254/32"})
    void an_address_that_brings_such_a_route_is_left_out(String address) {
        List<Refusal> refused = node.program(tunnel("tun", TunnelMode.IPIP).addresses("10.9.0.1/30", address));

        assertThat(refused).extracting(Refusal::reason).containsExactly(Reason.ROUTE_WOULD_ISOLATE_NODE);
        assertThat(Iproute2.addresses("tun")).containsExactly("10.9.0.1/30");
        assertThat(Iproute2.run("ip route get 203.0.113.250")).contains("dev under0");
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, 192.0.2.2/32, 254",
        "IPIP, 192.0.2.0/25, 254",
        "IPIP, 0.0.0.0/0, 102",
        "IP6IP6, 2001:db8::2/128, 254",
        "IP6IP6, 2001:db8::/65, 254",
        "IP6IP6, ::/0, 102",
    })
    void a_route_that_would_take_the_tunnels_own_packets_into_it_is_left_out_even_where_isolation_is_allowed(
            TunnelMode mode, String destination, long table) {
        List<Refusal> refused = node.program(unbound(mode).allowIsolation().routes(route(mode, destination, table, 0)));

        assertThat(refused).extracting(Refusal::reason).containsExactly(Reason.ROUTE_LOOP);
        String remote = mode.outer() == IpFamily.IPV4 ? "192.0.2.2" : "2001:db8::2";
        assertThat(Iproute2.run("ip route get " + remote)).contains("dev under0");
    }

    @Test
    void a_default_route_with_a_lesser_preference_than_the_nodes_own_is_made() {
        Iproute2.batch("route replace default via 192.0.2.254 dev under0 metric 100");
        Iproute2.batch("route del default via 192.0.2.254 dev under0 metric 0");

        List<Refusal> refused = node.program(unbound(TunnelMode.IPIP).routes(route("0.0.0.0/0", 254, 200)));

        assertThat(refused).isEmpty();
        assertThat(Iproute2.run("ip route get 203.0.113.250")).contains("dev under0");
        assertThat(Iproute2.routes("default dev tun")).hasSize(1);
    }

    @Test
    void a_route_in_a_table_for_some_packets_only_is_made() {
        List<Refusal> refused = node.program(
                unbound(TunnelMode.IPIP).routes(route("0.0.0.0/0", 101, 0), route("203.0.113.0/24", 101, 0)));

        assertThat(refused).isEmpty();
        assertThat(Iproute2.routes("table 101")).hasSize(2);
        assertThat(Iproute2.run("ip route get 203.0.113.250")).contains("dev under0");
    }

    @Test
    void a_route_in_a_table_that_no_rule_leads_to_is_made() {
        List<Refusal> refused = node.program(unbound(TunnelMode.IPIP).routes(route("0.0.0.0/0", 103, 0)));

        assertThat(refused).isEmpty();
        assertThat(Iproute2.routes("table 103")).hasSize(1);
    }
}
