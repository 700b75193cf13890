package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.plan.Plan;
import dev.iptunnel.readiness.LeftAlone;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A tunnel that somebody made a port of a VRF. */
@Tag("kernel")
class MasterKernelTest {
    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    @BeforeEach
    void vrf() {
        Iproute2.batch("link add red type vrf table 4000", "link set red up");
    }

    private static DesiredTunnelBuilder routed(TunnelMode mode) {
        return tunnel("tun", mode)
                .routes(new InnerRoute(
                        IpPrefix.parse(mode.inner(), mode.inner() == IpFamily.IPV4 ? "10.50.0.0/16" : "fd50::/48"),
                        Optional.empty(),
                        InnerRoute.MAIN_TABLE,
                        0));
    }

    private static String routes(TunnelMode mode, String table) {
        return Iproute2.run("ip -" + (mode.inner() == IpFamily.IPV4 ? 4 : 6) + " route show table " + table);
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void its_routes_go_where_its_addresses_are(TunnelMode mode) {
        String destination = mode.inner() == IpFamily.IPV4 ? "10.50.0.0/16" : "fd50::/48";
        String network = mode.inner() == IpFamily.IPV4 ? "10.9.0.0/30" : "fd09::/64";
        node.program(routed(mode));
        Iproute2.run("ip link set tun master red");

        node.program(routed(mode));

        assertThat(routes(mode, "4000")).contains(destination, network);
        assertThat(routes(mode, "main")).doesNotContain(destination).doesNotContain(network);
        assertThat(LeftAlone.report(
                        routed(mode).build(), node.kernel.observe(routed(mode).build())))
                .contains("master red (vrf, table 4000)");
        Iproute2.run(
                "ip -" + (mode.inner() == IpFamily.IPV4 ? 4 : 6) + " route del " + network + " dev tun table 4000");

        node.program(routed(mode));

        assertThat(routes(mode, "4000")).contains(destination, network);
        Iproute2.run("ip link set tun nomaster");

        node.program(routed(mode));

        assertThat(routes(mode, "main")).contains(destination, network);
    }

    @Test
    void it_stays_there_when_it_is_made_anew() {
        node.program(routed(TunnelMode.IPIP));
        Iproute2.run("ip link set tun master red");
        int ifindex = Iproute2.ifindex("tun");

        node.program(routed(TunnelMode.IPIP).remote("any"));

        assertThat(Iproute2.ifindex("tun")).isNotEqualTo(ifindex);
        assertThat(Iproute2.run("ip link show dev tun")).contains("master red");
        assertThat(routes(TunnelMode.IPIP, "4000")).contains("10.50.0.0/16", "10.9.0.0/30");
    }

    @Test
    void one_of_others_is_not_taken_over() {
        node.program(tunnel("tun", TunnelMode.IPIP));
        Iproute2.batch("link set tun alias \"\"", "link set tun master red");

        assertThat(node.refusal(tunnel("tun", TunnelMode.IPIP).adoptIfIdentical())
                        .message())
                .contains("master red (vrf, table 4000)");

        Iproute2.run("ip link set tun nomaster");
        assertThat(((Plan) node.plan(tunnel("tun", TunnelMode.IPIP).adoptIfIdentical())).operations())
                .isNotEmpty();
    }
}
