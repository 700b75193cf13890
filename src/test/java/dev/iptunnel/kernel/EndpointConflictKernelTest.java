package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Case 6 of ownership: another device has the endpoints. */
@Tag("kernel")
class EndpointConflictKernelTest {
    private static final String IPV4 = " local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 64";
    private static final String IPV6 = " local 2001:db8::1 remote 2001:db8::2 dev under0 hoplimit 64";

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    @BeforeEach
    void make_another_network_namespace() {
        Iproute2.run("ip netns add elsewhere");
    }

    @AfterEach
    void remove_the_other_network_namespace() {
        Iproute2.run("ip netns delete elsewhere");
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, type ipip" + IPV4,
        "SIT, type sit" + IPV4,
        "IP6IP6, type ip6tnl mode ip6ip6" + IPV6,
        "IPIP6, type ip6tnl mode ipip6" + IPV6,
        "IP6IP6, type ip6tnl mode ipip6" + IPV6,
        "IPIP6, type ip6tnl mode any" + IPV6,
    })
    void somebody_elses_tunnel_keeps_the_endpoints_and_is_named(TunnelMode mode, String other) {
        Iproute2.batch("link add other " + other, "link set other up");
        String before = Iproute2.device("other");

        Refusal refusal = node.refusal(tunnel("tun", mode));

        assertThat(refusal.reason()).isEqualTo(Reason.ENDPOINT_CONFLICT);
        assertThat(refusal.message()).contains("interface other (ifindex " + Iproute2.ifindex("other") + ")");
        assertThat(Iproute2.device("other")).isEqualTo(before);
        Iproute2.run("ip link delete dev other");
        node.program(tunnel("tun", mode));
    }

    @ParameterizedTest
    @CsvSource({"IPIP, type sit" + IPV4, "SIT, type ipip" + IPV4, "IPIP, type gre" + IPV4})
    void another_driver_may_have_the_same_endpoints(TunnelMode mode, String other) {
        Iproute2.batch("link add other " + other, "link set other up");
        String before = Iproute2.device("other");

        node.program(tunnel("tun", mode));

        assertThat(Iproute2.device("other")).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, type ipip" + IPV4,
        "SIT, type sit" + IPV4,
        "IP6IP6, type ip6tnl mode ip6ip6" + IPV6,
        "IPIP6, type ip6tnl mode ipip6" + IPV6,
    })
    void a_holder_in_another_network_namespace_is_told_of_until_it_is_removed(TunnelMode mode, String other) {
        Iproute2.batch("link add other " + other, "link set other netns elsewhere");

        assertThatThrownBy(() -> node.program(tunnel("tun", mode)))
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.reason()).isEqualTo(Reason.ENDPOINT_CONFLICT))
                .hasMessageContaining("another network namespace");
        assertThat(Iproute2.exists("tun")).isFalse();

        Iproute2.batchIn("elsewhere", "link delete dev other");
        node.program(tunnel("tun", mode));
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void our_own_tunnel_that_was_moved_away_is_as_it_was_when_it_comes_back(TunnelMode mode) {
        node.program(tunnel("tun", mode));
        String addresses = Iproute2.addresses("tun").toString();
        Iproute2.batch("link set tun netns elsewhere");
        assertThatThrownBy(() -> node.program(tunnel("tun", mode))).hasMessageContaining("another network namespace");

        Iproute2.batchIn(
                "elsewhere", "link set tun netns " + ProcessHandle.current().pid());
        node.program(tunnel("tun", mode));

        assertThat(Iproute2.addresses("tun")).hasToString(addresses);
        assertThat(node.kernel.marked()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void a_change_to_endpoints_that_are_held_elsewhere_leaves_the_tunnel_as_it_is(TunnelMode mode) {
        node.program(tunnel("other", mode));
        Iproute2.batch("link set other netns elsewhere");
        String away = mode.outer() == IpFamily.IPV4 ? "192.0.2.9" : "2001:db8::9";
        node.program(tunnel("tun", mode).remote(away));
        String before = Iproute2.device("tun");

        assertThatThrownBy(() -> node.program(tunnel("tun", mode)))
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.reason()).isEqualTo(Reason.ENDPOINT_CONFLICT));

        assertThat(Iproute2.device("tun")).isEqualTo(before);
    }

    @Test
    void a_tunnel_that_was_moved_here_from_elsewhere_holds_its_endpoints_there() {
        Iproute2.batchIn(
                "elsewhere",
                "link add other type ipip local 192.0.2.1 remote 192.0.2.2 ttl 64",
                "link set other netns " + ProcessHandle.current().pid());

        node.program(tunnel("tun", TunnelMode.IPIP).parent(Optional.empty()));

        assertThat(Iproute2.exists("other")).isTrue();
    }
}
