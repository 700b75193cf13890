package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.TunnelMode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Case 4 of ownership: tunnels made by hand that are not quite what the spec asks for are not taken over. */
@Tag("kernel")
class UnlikeTunnelKernelTest {
    private static final String IPIP =
            "link add tun type ipip mode ipip local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 64";
    private static final String SIT =
            "link add tun type sit mode ip6ip local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 64";
    private static final String IP6IP6 = "link add tun type ip6tnl mode ip6ip6 local 2001:db8::1 remote 2001:db8::2 dev"
            + " under0 hoplimit 64 encaplimit none";
    private static final String IPIP6 =
            "link add tun type ip6tnl mode ipip6 local 2001:db8::1 remote 2001:db8::2 dev under0 hoplimit 64 encaplimit none";

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "IPIP | fwmark 0x5 | " + IPIP + " fwmark 0x5",
                "IPIP | external | link add tun type ipip external",
                "IPIP | ttl 63, not 64 | link add tun type ipip mode ipip local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 63",
                "IPIP | dscp 46, not 0 | " + IPIP + " tos 0xb8",
                "IPIP | dscp inherit, not 0 | " + IPIP + " tos inherit",
                "IPIP | mtu 1300, not 1480 | " + IPIP + "; link set tun mtu 1300",
                "IPIP | state down, not up | " + IPIP + "; link set tun down; address add 10.9.0.1/30 dev tun",
                "IPIP | path MTU discovery false, not true | link add tun type ipip mode ipip local 192.0.2.1 remote 192.0.2.2 dev under0 nopmtudisc",
                "IPIP | remote any, not 192.0.2.2 | link add tun type ipip mode ipip local 192.0.2.1 dev under0 ttl 64",
                "IPIP | local any, not 192.0.2.1 | link add tun type ipip mode ipip remote 192.0.2.2 dev under0 ttl 64",
                "IPIP | parent ifindex none, not | link add tun type ipip mode ipip local 192.0.2.1 remote 192.0.2.2 ttl 64",
                "IPIP | mode sit, not ipip | " + SIT,
                "IPIP | mode any (ipip), not ipip | link add tun type ipip local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 64",
                "SIT | mode any (sit), not sit | link add tun type sit local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 64",
                "IP6IP6 | mode any (ip6tnl), not ip6ip6 | link add tun type ip6tnl local 2001:db8::1 remote 2001:db8::2 dev under0 hoplimit 64 encaplimit none",
                "IPIP | mode any (ipip), not ipip | link add tun type ipip local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 64; link change tun type ipip mode ipip local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 64",
                "SIT | mode any (sit), not sit | link add tun type sit local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 64; link change tun type sit mode ip6ip local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 64",
                "IPIP | its alias is \"mine\" | " + IPIP + "; link set tun alias mine",
                "SIT | isatap | tunnel add tun mode isatap local 192.0.2.1 dev under0 ttl 64",
                "IP6IP6 | encapsulation limit 4, not none | link add tun type ip6tnl mode ip6ip6 local 2001:db8::1 remote 2001:db8::2 dev under0 hoplimit 64",
                "IP6IP6 | flow label 1, not 0 | " + IP6IP6 + " flowlabel 0x1",
                "IP6IP6 | mode ipip6, not ip6ip6 | " + IPIP6,
                "IP6IP6 | fwmark 0x5 | " + IP6IP6 + " fwmark 0x5",
                "IPIP6 | external | link add tun type ip6tnl external",
                "IPIP6 | rcv-dscp-copy (dscp inherit) | " + IPIP6 + " dscp inherit",
            })
    void a_tunnel_that_differs_is_refused_naming_the_difference(TunnelMode mode, String difference, String commands) {
        Iproute2.batch((commands.contains("tun down") ? commands : commands + "; link set tun up").split("; "));
        String before = Iproute2.device("tun");

        Refusal refusal = node.refusal(tunnel("tun", mode).adoptIfIdentical());

        assertThat(refusal.reason()).isEqualTo(Reason.INTERFACE_NAME_CONFLICT);
        assertThat(refusal.message()).contains(difference);
        assertThat(Iproute2.device("tun")).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {IPIP, IP6IP6})
    void a_tunnel_whose_outer_packets_are_in_another_network_namespace_is_refused(String command) {
        TunnelMode mode = command.equals(IPIP) ? TunnelMode.IPIP : TunnelMode.IP6IP6;
        Iproute2.run("ip netns add elsewhere");
        try {
            Iproute2.batchIn(
                    "elsewhere",
                    "link add under0 type dummy",
                    "link set under0 up",
                    command,
                    "link set tun netns " + ProcessHandle.current().pid());
            Iproute2.batch("link set tun up");

            assertThat(node.refusal(tunnel("tun", mode).adoptIfIdentical()).message())
                    .contains("outer packets in another network namespace");
        } finally {
            Iproute2.run("ip netns delete elsewhere");
        }
    }

    @Test
    void an_ip6tnl_tunnel_that_was_made_without_a_mode_is_taken_over_once_it_has_been_told_one() {
        Iproute2.batch(
                "link add tun type ip6tnl local 2001:db8::1 remote 2001:db8::2 dev under0 hoplimit 64 encaplimit none");
        Iproute2.batch("link set tun up");
        assertThat(node.refusal(tunnel("tun", TunnelMode.IP6IP6).adoptIfIdentical())
                        .message())
                .contains("mode any (ip6tnl)");
        int ifindex = Iproute2.ifindex("tun");
        Iproute2.batch(
                "link change tun type ip6tnl mode ip6ip6 local 2001:db8::1 remote 2001:db8::2 dev under0 hoplimit"
                        + " 64 encaplimit none");

        node.program(tunnel("tun", TunnelMode.IP6IP6).adoptIfIdentical());

        assertThat(Iproute2.ifindex("tun")).isEqualTo(ifindex);
        assertThat(Iproute2.alias("tun")).contains("uid=uid-of-tun");
    }
}
