package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks on the links of other interfaces than the uplink: storage, a bridge of containers, a router by DHCPv6. */
@Tag("kernel")
class ConnectedNetworkKernelTest {
    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    private static void storage(String... commands) {
        Iproute2.batch("link add storage type dummy", "link set storage up");
        for (String command : commands) {
            Iproute2.run("ip " + command);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, address add 10.88.0.1/24 dev storage, 10.88.0.50/24, 10.88.0.9",
        "IPIP, address add 10.88.0.1/24 dev storage, 10.88.0.1/24, 10.88.0.9",
        "IPIP, address add 10.88.0.1/30 dev storage, 10.88.0.2/30, 10.88.0.3",
        "IPIP, route add 10.79.0.0/16 dev storage, 10.79.0.1/16, 10.79.0.9",
        "SIT, address add fd88::1/64 dev storage nodad, fd88::50/64, fd88::9",
        "SIT, route add fd79::/64 dev storage proto ra metric 256, fd79::50/64, fd79::9",
        "SIT, route add fd79::/64 dev storage proto ra metric 1024, fd79::50/64, fd79::9",
    })
    void an_address_with_the_network_of_another_interface_is_left_out(
            TunnelMode mode, String command, String address, String neighbour) {
        storage(command);

        List<Refusal> refused = node.program(tunnel("tun", mode).addresses(address));

        assertThat(refused).singleElement().satisfies(refusal -> {
            assertThat(refusal.reason()).isEqualTo(Reason.ROUTE_WOULD_ISOLATE_NODE);
            assertThat(refusal.message()).contains("the network of interface storage");
        });
        assertThat(Iproute2.addresses("tun")).isEmpty();
        assertThat(Iproute2.run("ip route get " + neighbour)).contains("dev storage");
    }

    @Test
    void a_route_to_the_network_of_another_interface_is_in_conflict_with_its_route() {
        storage("address add 10.88.0.1/24 dev storage");

        assertThatThrownBy(() -> node.program(tunnel("tun", TunnelMode.IPIP).routes(route("10.88.0.0/24", 0))))
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.reason()).isEqualTo(Reason.ROUTE_CONFLICT));
        assertThat(Iproute2.run("ip route get 10.88.0.9")).contains("dev storage");
    }

    private static InnerRoute route(String destination, long metric) {
        return new InnerRoute(
                IpPrefix.parse(IpFamily.IPV4, destination), Optional.empty(), InnerRoute.MAIN_TABLE, metric);
    }

    @Test
    void a_less_preferred_route_is_made() {
        storage("address add 10.88.0.1/24 dev storage");

        assertThat(node.program(tunnel("tun", TunnelMode.IPIP).routes(route("10.88.0.0/24", 100))))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.88.0.128/25", "10.88.0.0/16"})
    void a_part_of_the_network_or_more_than_it_is_routed_as_asked(String destination) {
        storage("address add 10.88.0.1/24 dev storage");

        assertThat(node.program(tunnel("tun", TunnelMode.IPIP).routes(route(destination, 0))))
                .isEmpty();
    }

    /** Each link has this network, and a packet to it names the link. */
    @Test
    void a_link_local_address_of_IPv6_takes_nothing_over() {
        storage("address add fe80::77/64 dev storage nodad");

        assertThat(node.program(tunnel("tun", TunnelMode.SIT).addresses("fe80::1234/64")))
                .isEmpty();
    }

    @Test
    void it_is_made_where_that_is_allowed() {
        storage("address add 10.88.0.1/24 dev storage");

        assertThat(node.program(tunnel("tun", TunnelMode.IPIP)
                        .addresses("10.88.0.50/24")
                        .allowIsolation()))
                .isEmpty();
    }

    @Test
    void an_address_that_was_there_first_stays() {
        assertThat(node.program(tunnel("tun", TunnelMode.IPIP).addresses("10.88.0.50/24")))
                .isEmpty();
        storage("address add 10.88.0.1/24 dev storage");

        assertThat(node.program(tunnel("tun", TunnelMode.IPIP).addresses("10.88.0.50/24", "10.9.0.1/24")))
                .isEmpty();

        assertThat(Iproute2.addresses("tun")).containsExactlyInAnyOrder("10.88.0.50/24", "10.9.0.1/24");
    }

    @Test
    void an_address_that_was_there_first_is_not_lost_because_it_cannot_be_added_again() {
        node.program(tunnel("tun", TunnelMode.IPIP).addresses("10.88.0.50/24"));
        storage("address add 10.88.0.1/24 dev storage metric 0");
        Iproute2.batch(
                "route del 10.88.0.0/24 dev tun",
                "route add 10.88.0.0/24 dev tun proto kernel scope link src 10.88.0.50 metric 9");
        Iproute2.batch("address change 10.88.0.50/24 dev tun valid_lft 600 preferred_lft 600");

        node.program(tunnel("tun", TunnelMode.IPIP).addresses("10.88.0.50/24"));

        assertThat(Iproute2.addresses("tun")).containsExactly("10.88.0.50/24");
    }

    @Test
    void two_tunnels_may_share_a_network() {
        assertThat(node.program(tunnel("one", TunnelMode.IPIP).addresses("10.9.0.1/24")))
                .isEmpty();

        assertThat(node.program(
                        tunnel("two", TunnelMode.IPIP).remote("192.0.2.7").addresses("10.9.0.2/24")))
                .isEmpty();
    }

    @Test
    void a_gateway_in_the_link_local_range_of_IPv4_is_guarded_as_any() {
        storage("address add 169.254.10.2/30 dev storage", "route add default via 169.254.10.1 dev storage metric 5");

        List<Refusal> refused = node.program(
                tunnel("tun", TunnelMode.IPIP).addresses("169.254.10.1/32").routes(route("10.50.0.0/16", 0)));

        assertThat(refused).extracting(Refusal::reason).containsExactly(Reason.ROUTE_WOULD_ISOLATE_NODE);
        assertThat(Iproute2.run("ip route get 169.254.10.1")).contains("dev storage");
    }
}
