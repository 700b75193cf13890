package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelMode;
import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
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

    private static final InetAddress ENDPOINT = IpFamily.IPV4.parse("198.18.5.6");

    @ParameterizedTest
    @CsvSource({"192.0.2.50/24", "192.0.2.1/24"})
    void an_address_with_the_network_of_the_uplink_is_left_out_whichever_came_first(String address) {
        List<Refusal> refused = node.program(tunnel("tun", TunnelMode.IPIP).addresses(address));

        assertThat(refused).extracting(Refusal::reason).containsExactly(Reason.ROUTE_WOULD_ISOLATE_NODE);
        assertThat(Iproute2.addresses("tun")).isEmpty();
        theUplinkFlaps();
        assertThat(Iproute2.run("ip route get 192.0.2.254")).contains("dev under0");
    }

    @ParameterizedTest
    @CsvSource({"IPIP, 192.0.2.0/24, 0", "SIT, 2001:db8::/64, 256"})
    void a_route_with_the_network_and_the_metric_of_the_uplink_is_left_out(
            TunnelMode mode, String destination, long metric) {
        List<Refusal> refused = node.program(tunnel("tun", mode).routes(route(mode, destination, 254, metric)));

        assertThat(refused).extracting(Refusal::reason).containsExactly(Reason.ROUTE_WOULD_ISOLATE_NODE);
    }

    @Test
    void an_ipv6_address_with_the_network_of_the_uplink_is_left_out() {
        List<Refusal> refused = node.program(tunnel("tun", TunnelMode.SIT).addresses("2001:db8::50/64"));

        assertThat(refused).extracting(Refusal::reason).containsExactly(Reason.ROUTE_WOULD_ISOLATE_NODE);
    }

    private static void theUplinkFlaps() {
        Iproute2.batch("link set under0 down", "link set under0 up", "route add default via 192.0.2.254 dev under0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.50/24", "203.0.113.1/24", "192.0.2.253/30"})
    void while_the_uplink_is_down_its_networks_are_guarded_as_before(String address) {
        node.kernel.watch(_ -> {});
        Iproute2.batch("link set under0 down");
        await(() -> !Iproute2.run("ip route show default").contains("under0"));

        List<Refusal> refused = node.program(unbound(TunnelMode.IPIP)
                .local("198.51.100.1")
                .remote("198.51.100.2")
                .addresses(address));

        assertThat(refused).extracting(Refusal::reason).containsExactly(Reason.ROUTE_WOULD_ISOLATE_NODE);
        assertThat(Iproute2.addresses("tun")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        // Another default gateway, of a greater metric.
        "route add default via 198.51.100.254 dev under1 metric 200, 198.51.100.254/32",
        // Several ways.
        "route replace default nexthop via 192.0.2.254 dev under0 nexthop via 198.51.100.254 dev under1, 198.51.100.254/32",
        // Halves of a default route.
        "route add 128.0.0.0/1 via 198.51.100.254 dev under1, 198.51.100.254/32",
        // What hides where the default route leads.
        "route add 240.0.0.0/4 dev under1, 192.0.2.254/32",
        // Other networks of an uplink.
        "address add 198.18.9.1/24 dev under0, 198.18.9.0/24",
    })
    void each_default_gateway_is_guarded(String command, String destination) {
        Iproute2.batch(command);

        List<Refusal> refused = node.program(tunnel("tun", TunnelMode.IPIP).routes(route(destination, 254, 0)));

        assertThat(refused).extracting(Refusal::reason).containsExactly(Reason.ROUTE_WOULD_ISOLATE_NODE);
    }

    @Test
    void the_gateway_of_the_other_family_is_guarded() {
        Iproute2.batch("route replace default via inet6 2001:db8::eeee dev under0");

        List<Refusal> refused =
                node.program(tunnel("tun", TunnelMode.SIT).routes(route(TunnelMode.SIT, "2001:db8::eeee/128", 254, 0)));

        assertThat(refused).extracting(Refusal::reason).containsExactly(Reason.ROUTE_WOULD_ISOLATE_NODE);
    }

    @Test
    void the_gateway_that_the_api_server_is_reached_by_is_guarded() {
        Iproute2.batch("route add 203.0.113.0/24 via 198.51.100.77 dev under1");

        List<Refusal> refused = node.program(tunnel("tun", TunnelMode.IPIP).routes(route("198.51.100.77/32", 254, 0)));

        assertThat(refused).extracting(Refusal::reason).containsExactly(Reason.ROUTE_WOULD_ISOLATE_NODE);
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, 10.96.0.10/32",
        "IPIP, 10.96.0.0/12",
        "IPIP, 10.0.0.0/8",
        "SIT, fd00:96::10/128",
        "IP6IP6, fd00::/16",
    })
    void a_route_to_any_part_of_a_protected_network_is_left_out(TunnelMode mode, String destination) {
        List<Refusal> refused = node.program(tunnel("tun", mode).routes(route(mode, destination, 254, 0)));

        assertThat(refused).singleElement().satisfies(refusal -> {
            assertThat(refusal.reason()).isEqualTo(Reason.ROUTE_WOULD_ISOLATE_NODE);
            assertThat(refusal.message()).contains("protected network");
        });
    }

    @ParameterizedTest
    @CsvSource({"10.112.0.0/16, 0", "0.0.0.0/0, 500", "10.96.0.0/12, 77"})
    void a_route_beside_a_protected_network_or_less_preferred_than_what_leads_there_is_made(
            String destination, long metric) {
        Iproute2.batch("route add 10.96.0.0/12 dev under1");

        assertThat(node.program(tunnel("tun", TunnelMode.IPIP).routes(route(destination, 254, metric))))
                .isEmpty();
    }

    @Test
    void an_address_whose_broadcast_is_the_gateway_is_left_out() {
        Iproute2.batch("route replace default via 192.0.2.251 dev under0", "route add 192.0.2.251/32 dev under0");

        List<Refusal> refused = node.program(tunnel("tun", TunnelMode.IPIP).addresses("192.0.2.249/30"));

        assertThat(refused).extracting(Refusal::reason).containsExactly(Reason.ROUTE_WOULD_ISOLATE_NODE);
    }

    @Test
    void a_route_that_comes_to_harm_the_node_is_withdrawn_and_stays_so() {
        DesiredTunnelBuilder tunnel = tunnel("tun", TunnelMode.IPIP)
                .addresses("198.18.5.1/24")
                .routes(route("198.18.0.0/16", 254, 0), harmless());
        assertThat(node.program(tunnel)).isEmpty();

        node.kernel.guard(Set.of(ENDPOINT));
        List<Refusal> refused = node.program(tunnel);

        assertThat(refused).extracting(Refusal::reason).containsOnly(Reason.ROUTE_WOULD_ISOLATE_NODE);
        assertThat(refused).hasSize(2);
        assertThat(Iproute2.run("ip route get 198.18.5.6")).contains("dev under0");
        assertThat(Iproute2.routes("dev tun")).anyMatch(line -> line.startsWith("10.50.0.0/16"));
        node.kernel.guard(Set.of(TunnelNode.API_SERVER));
        assertThat(node.program(tunnel)).isEmpty();
        assertThat(Iproute2.run("ip route get 198.18.5.6")).contains("dev tun");
    }

    @Test
    void the_last_way_to_the_api_server_is_not_withdrawn() {
        DesiredTunnelBuilder tunnel = tunnel("tun", TunnelMode.IPIP).routes(route("0.0.0.0/0", 254, 500));
        node.program(tunnel);

        Iproute2.batch("route del default via 192.0.2.254 dev under0");

        assertThat(node.program(tunnel)).isEmpty();
        assertThat(Iproute2.run("ip route get 203.0.113.250")).contains("dev tun");
    }

    @Test
    void who_watches_is_told_that_the_api_server_moved() throws InterruptedException {
        BlockingQueue<KernelEvent> events = new LinkedBlockingQueue<>();
        node.kernel.watch(events::add);
        node.program(tunnel("tun", TunnelMode.IPIP).routes(route("198.18.0.0/16", 254, 0)));
        await(() -> node.kernel
                .recall(tunnel("tun", TunnelMode.IPIP)
                        .routes(route("198.18.0.0/16", 254, 0))
                        .build())
                .isPresent());

        node.kernel.guard(Set.of(ENDPOINT));

        KernelEvent moved = new KernelEvent.RouteChanged(IpPrefix.host(ENDPOINT));
        await(() -> events.contains(moved));
        assertThat(node.kernel.recall(tunnel("tun", TunnelMode.IPIP)
                        .routes(route("198.18.0.0/16", 254, 0))
                        .build()))
                .as("what the kernel told does not do here")
                .isEmpty();
    }

    private static void await(BooleanSupplier condition) {
        Instant deadline = Instant.now().plusSeconds(30);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).isBefore(deadline);
            LockSupport.parkNanos(10_000_000);
        }
    }
}
