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
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tunnels whose packets would go round through one another. */
@Tag("kernel")
class RouteLoopKernelTest {
    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    @BeforeEach
    void the_node_has_a_default_gateway() {
        Iproute2.batch(
                "route add default via 192.0.2.254 dev under0", "route add default via 2001:db8::ffff dev under0");
    }

    /** Without a parent; to that remote, with a route to that network. */
    private static DesiredTunnelBuilder tunnelTo(String name, TunnelMode mode, String remote, String network) {
        return tunnel(name, mode)
                .parent(Optional.empty())
                .remote(remote)
                .addresses()
                .routes(new InnerRoute(
                        IpPrefix.parse(mode.inner(), network), Optional.empty(), InnerRoute.MAIN_TABLE, 0));
    }

    private void assertLoop(List<Refusal> refused) {
        assertThat(refused).extracting(Refusal::reason).containsExactly(Reason.ROUTE_LOOP);
    }

    @Test
    void the_route_that_would_close_a_loop_of_two_is_left_out_and_the_other_tunnel_goes_on() {
        DesiredTunnelBuilder one = tunnelTo("one", TunnelMode.IPIP, "198.18.1.1", "198.18.2.0/24");
        DesiredTunnelBuilder two = tunnelTo("two", TunnelMode.IPIP, "198.18.2.1", "198.18.1.0/24");
        assertThat(node.program(one)).isEmpty();

        assertLoop(node.program(two));

        assertThat(node.program(one)).isEmpty();
        assertThat(node.obstacle(one)).isEmpty();
        assertThat(node.obstacle(two)).isEmpty();
        assertThat(Iproute2.mtu("one")).isEqualTo(1480);
        assertThat(Iproute2.mtu("two")).as("carried by the other").isEqualTo(1460);
    }

    @Test
    void the_route_that_would_close_a_loop_of_three_is_left_out() {
        assertThat(node.program(tunnelTo("one", TunnelMode.IPIP, "198.18.1.1", "198.18.2.0/24")))
                .isEmpty();
        assertThat(node.program(tunnelTo("two", TunnelMode.IPIP, "198.18.2.1", "198.18.3.0/24")))
                .isEmpty();

        assertLoop(node.program(tunnelTo("three", TunnelMode.IPIP, "198.18.3.1", "198.18.1.0/24")));

        assertThat(Iproute2.mtu("three")).isEqualTo(1440);
    }

    @Test
    void the_route_that_would_close_a_loop_of_both_families_is_left_out() {
        // IPv4 in IPv6, whose packets IPv6 in IPv4 carries.
        assertThat(node.program(tunnelTo("four", TunnelMode.IPIP6, "3fff:1::1", "198.18.2.0/24")))
                .isEmpty();

        assertLoop(node.program(tunnelTo("six", TunnelMode.SIT, "198.18.2.1", "3fff:1::/64")));
    }

    @Test
    void the_route_that_would_close_a_loop_through_a_tunnel_of_others_is_left_out() {
        Iproute2.batch(
                "link add theirs type ipip local 192.0.2.1 remote 198.18.1.1",
                "link set theirs up",
                "route add 198.18.2.0/24 dev theirs");

        assertLoop(node.program(tunnelTo("ours", TunnelMode.IPIP, "198.18.2.1", "198.18.1.0/24")));
    }

    @Test
    void a_loop_that_others_close_is_said_of_each_tunnel_and_leaves_the_mtu_as_it_is() {
        DesiredTunnelBuilder one = tunnelTo("one", TunnelMode.IPIP, "198.18.1.1", "198.18.2.0/24");
        DesiredTunnelBuilder two = tunnelTo("two", TunnelMode.IPIP, "198.18.2.1", "198.18.9.0/24");
        node.program(one);
        node.program(two);

        Iproute2.batch("route add 198.18.1.0/24 dev two");

        for (int turn = 0; turn < 3; turn++) {
            assertThat(node.program(one)).isEmpty();
            assertThat(node.program(two)).isEmpty();
        }
        assertThat(node.obstacle(one)).map(Refusal::reason).contains(Reason.ROUTE_LOOP);
        assertThat(node.obstacle(two)).map(Refusal::reason).contains(Reason.ROUTE_LOOP);
        assertThat(Iproute2.mtu("one")).isEqualTo(1480);
        assertThat(Iproute2.mtu("two")).isEqualTo(1460);
    }

    @Test
    void a_more_specific_route_to_the_remote_makes_it_no_loop() {
        Iproute2.batch("route add 198.18.1.1/32 via 192.0.2.254 dev under0");
        node.program(tunnelTo("one", TunnelMode.IPIP, "198.18.1.1", "198.18.2.0/24"));

        assertThat(node.program(tunnelTo("two", TunnelMode.IPIP, "198.18.2.1", "198.18.1.0/24")))
                .isEmpty();
    }

    /** IPv6 looks up a packet that has a source by the longest prefix first, whatever the parent is. */
    @Test
    void a_parent_does_not_keep_tunnels_in_IPv6_out_of_loops() {
        DesiredTunnelBuilder one =
                tunnelTo("one", TunnelMode.IP6IP6, "3fff:1::1", "3fff:2::/64").parent(Optional.of("under0"));
        assertThat(node.program(one)).isEmpty();

        assertLoop(node.program(
                tunnelTo("two", TunnelMode.IP6IP6, "3fff:2::1", "3fff:1::/64").parent(Optional.of("under0"))));

        assertThat(node.obstacle(one)).isEmpty();
    }

    @Test
    void a_tunnel_in_IPv6_with_a_parent_does_not_swallow_its_own_packets() {
        assertLoop(node.program(tunnel("tun", TunnelMode.IP6IP6).addresses().routes(route("2001:db8::2/128"))));
        assertThat(node.obstacle(tunnel("tun", TunnelMode.IP6IP6).addresses())).isEmpty();
        assertThat(Iproute2.run("ip -6 route get 2001:db8::2 from 2001:db8::1 oif under0"))
                .contains("dev under0");
    }

    @Test
    void a_tunnel_in_IPv6_without_a_local_address_is_bound_to_its_parent() {
        DesiredTunnelBuilder tunnel =
                tunnel("tun", TunnelMode.IP6IP6).local("any").addresses().routes(route("2001:db8::2/128"));

        assertThat(node.program(tunnel)).isEmpty();

        assertThat(node.obstacle(tunnel)).isEmpty();
    }

    private static InnerRoute route(String destination) {
        return new InnerRoute(IpPrefix.parse(IpFamily.IPV6, destination), Optional.empty(), InnerRoute.MAIN_TABLE, 0);
    }

    @Test
    void a_tunnel_that_is_bound_to_a_parent_is_in_no_loop() {
        node.program(
                tunnelTo("one", TunnelMode.IPIP, "198.18.1.1", "198.18.2.0/24").parent(Optional.of("under0")));

        assertThat(node.program(tunnelTo("two", TunnelMode.IPIP, "198.18.2.1", "198.18.1.0/24")))
                .isEmpty();
    }
}
