package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.libc.NetlinkSocket;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.route.Rule;
import dev.iptunnel.netlink.route.Rule.Selected;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which rules of others decide about the node's own packets, and so about the routes that would cut it off. */
@Tag("kernel")
class PolicyRoutingKernelTest {
    private static final int MAIN = 254;
    private static final int WIREGUARD = 51820;

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    @AfterEach
    void the_rules_go() {
        for (String family : List.of("-4", "-6")) {
            Iproute2.run("ip " + family + " rule show")
                    .lines()
                    .map(line -> line.substring(0, line.indexOf(':')))
                    .filter(priority -> !Set.of("0", "32766", "32767").contains(priority))
                    .forEach(priority -> Iproute2.run("ip " + family + " rule del pref " + priority));
            Iproute2.run("ip " + family + " route flush table " + WIREGUARD);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "-4, IPIP, 192.0.2.254, 203.0.113.250, 203.0.113.250/32, true",
        "-4, IPIP, 192.0.2.254, 203.0.113.250, 203.0.113.0/24, true",
        "-4, IPIP, 192.0.2.254, 203.0.113.250, 0.0.0.0/0, false",
        "-6, SIT, 2001:db8::ffff, 3fff:5::6, 3fff:5::6/128, true",
        "-6, SIT, 2001:db8::ffff, 3fff:5::6, 3fff::/20, true",
        "-6, SIT, 2001:db8::ffff, 3fff:5::6, ::/0, false",
    })
    void a_route_before_the_tunnel_of_WireGuard_that_leads_to_the_api_server_is_left_out(
            String family, TunnelMode mode, String gateway, String apiServer, String destination, boolean refused) {
        IpFamily inner = mode.inner();
        node.kernel.guard(Set.of(inner.parse(apiServer)));
        Iproute2.run("ip " + family + " route add default via " + gateway + " dev under0 table " + WIREGUARD);
        Iproute2.run("ip " + family + " rule add pref 32764 lookup main suppress_prefixlength 0");
        Iproute2.run("ip " + family + " rule add pref 32765 not fwmark 51820 lookup " + WIREGUARD);
        InnerRoute route = new InnerRoute(IpPrefix.parse(inner, destination), Optional.empty(), MAIN, 0);

        List<Refusal> refusals = node.program(tunnel("tun", mode).routes(route));

        assertThat(refusals).hasSize(refused ? 1 : 0);
        assertThat(refusals).extracting(Refusal::reason).allMatch(Reason.ROUTE_WOULD_ISOLATE_NODE::equals);
        assertThat(Iproute2.run("ip route get " + apiServer)).contains("dev under0");
    }

    @ParameterizedTest
    @CsvSource({
        "10.96.0.10/32, 0, true",
        "10.96.0.0/12, 0, true",
        "10.96.0.0/12, 77, false",
        "10.0.0.0/8, 0, false",
    })
    void the_way_to_a_protected_network_is_that_of_the_first_rule_that_uses_it(
            String destination, long metric, boolean refused) {
        Iproute2.run("ip route add 10.96.0.0/12 dev under1 metric 50");
        Iproute2.run("ip route add default via 192.0.2.254 dev under0 table " + WIREGUARD);
        Iproute2.run("ip rule add pref 32764 lookup main suppress_prefixlength 0");
        Iproute2.run("ip rule add pref 32765 not fwmark 51820 lookup " + WIREGUARD);
        InnerRoute route = new InnerRoute(IpPrefix.parse(IpFamily.IPV4, destination), Optional.empty(), MAIN, metric);

        Plan plan = (Plan) node.plan(tunnel("tun", TunnelMode.IPIP).routes(route));

        assertThat(plan.refused()).hasSize(refused ? 1 : 0);
    }

    @ParameterizedTest
    @CsvSource({
        "'', ALL, -1",
        "fwmark 7, NONE, -1",
        "not fwmark 7, ALL, -1",
        "fwmark 7/0x0, ALL, -1",
        "fwmark 0/0xff, ALL, -1",
        "not fwmark 0/0xff, NONE, -1",
        "iif lo, ALL, -1",
        "iif under0, NONE, -1",
        "iif gone0, NONE, -1",
        "not iif under0, ALL, -1",
        "iif lo fwmark 7, NONE, -1",
        "not iif lo fwmark 7, ALL, -1",
        "oif under0, SOME, -1",
        "oif under0 fwmark 7, NONE, -1",
        "not oif under0, SOME, -1",
        "tos 0x10, SOME, -1",
        "ipproto tcp, SOME, -1",
        "uidrange 0-100, SOME, -1",
        "suppress_prefixlength 3, ALL, 3",
        "not fwmark 7 suppress_prefixlength 0, ALL, 0",
        "suppress_ifgroup 3, SOME, -1",
    })
    void the_selectors_of_a_rule_say_which_of_the_nodes_own_packets_it_selects(
            String selectors, Selected own, int suppressed) {
        for (String family : List.of("-4", "-6")) {
            Iproute2.run(("ip " + family + " rule add pref 777 table 1000 " + selectors)
                    .replace("table 1000 not", "not table 1000")
                    .strip());

            assertThat(rule(family))
                    .extracting(Rule::ownPackets, Rule::suppressedLength)
                    .containsExactly(own, suppressed);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "-4, from 10.0.0.0/8",
        "-4, to 10.0.0.0/8",
        "-4, not to 10.0.0.0/8",
        "-6, from fd00::/8",
        "-6, to fd00::/8",
    })
    void a_rule_for_a_network_selects_some_of_the_nodes_own_packets(String family, String selectors) {
        Iproute2.run("ip " + family + " rule add pref 777 " + selectors + " table 1000");

        assertThat(rule(family)).extracting(Rule::ownPackets).isEqualTo(Selected.SOME);
    }

    private static Rule rule(String family) {
        try (Rtnetlink rtnetlink = new Rtnetlink(NetlinkSocket.open())) {
            return rtnetlink.rules(family.equals("-4") ? AddressFamily.IPV4 : AddressFamily.IPV6).stream()
                    .filter(rule -> rule.priority() == 777)
                    .findFirst()
                    .orElseThrow();
        }
    }
}
