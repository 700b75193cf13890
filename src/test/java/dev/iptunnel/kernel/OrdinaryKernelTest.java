package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.TunnelMode;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a distribution's kernel has of tunnels, and a User-Mode Linux has not: encapsulation in UDP (FOU, GUE), and 6rd. */
@Tag("ordinary")
class OrdinaryKernelTest {
    private static final String ENCAP = " encap-sport auto encap-dport 5555";

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    @BeforeAll
    static void loadModules() {
        Iproute2.run("modprobe -a fou fou6");
    }

    /** Each {@code sit} has a 6rd prefix there, that of 6to4. */
    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void a_tunnel_is_in_sync_once_it_is_made(TunnelMode mode) {
        node.program(tunnel("tun", mode));

        assertThat(((Plan) node.plan(tunnel("tun", mode))).isEmpty()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "IPIP | encap fou | type ipip mode ipip local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 64 encap fou"
                        + ENCAP,
                "SIT | encap gue | type sit mode ip6ip local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 64 encap gue"
                        + ENCAP,
                "IP6IP6 | encap fou | type ip6tnl mode ip6ip6 local 2001:db8::1 remote 2001:db8::2 dev under0"
                        + " hoplimit 64 encaplimit none encap fou" + ENCAP,
            })
    void a_tunnel_with_an_encapsulation_is_not_taken_over(TunnelMode mode, String difference, String parameters) {
        Iproute2.batch("link add tun " + parameters, "link set tun up");

        assertRefused(mode, difference);
    }

    @Test
    void a_tunnel_with_6rd_is_not_taken_over() {
        Iproute2.batch("link add tun type sit mode ip6ip local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 64");
        Iproute2.run("ip tunnel 6rd dev tun 6rd-prefix 2001:db8::/32");
        Iproute2.batch("link set tun up");

        assertRefused(TunnelMode.SIT, "6rd");
    }

    private void assertRefused(TunnelMode mode, String difference) {
        String before = Iproute2.device("tun");

        Refusal refusal = node.refusal(tunnel("tun", mode).adoptIfIdentical());

        assertThat(refusal.reason()).isEqualTo(Reason.INTERFACE_NAME_CONFLICT);
        assertThat(refusal.message()).contains(difference);
        assertThat(Iproute2.device("tun")).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "IPIP | encap fou | link change tun type ipip local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 64 encap fou"
                        + ENCAP,
                "IPIP6 | encap gue | link change tun type ip6tnl mode ipip6 local 2001:db8::1 remote 2001:db8::2 dev"
                        + " under0 hoplimit 64 encaplimit none encap gue" + ENCAP,
                "SIT | 6rd | tunnel 6rd dev tun 6rd-prefix 2001:db8::/32",
            })
    void a_setting_that_somebody_gives_our_tunnel_has_it_made_anew(TunnelMode mode, String setting, String command) {
        node.program(tunnel("tun", mode));
        int before = Iproute2.ifindex("tun");
        Iproute2.batch(command);
        Plan plan = (Plan) node.plan(tunnel("tun", mode));
        assertThat(plan.disruption()).hasValueSatisfying(why -> assertThat(why).contains(setting));

        node.program(tunnel("tun", mode));

        assertThat(Iproute2.ifindex("tun")).isNotEqualTo(before);
        assertThat(Iproute2.device("tun")).doesNotContain("2001:db8::/32", "\"encap\"");
    }
}
