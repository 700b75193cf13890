package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.program.Outcome;
import dev.iptunnel.agent.program.TunnelProgrammer;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.planner.Claims;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A route with {@code withdraw: WhenUnreachable} goes while packets cannot pass, and no other one does. */
@Tag("kernel")
class WithdrawalKernelTest {
    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    private final TunnelProgrammer programmer = new TunnelProgrammer(node.kernel);

    private static boolean isIpv4(IpFamily family) {
        return family == IpFamily.IPV4;
    }

    private static InnerRoute route(TunnelMode mode, String ipv4, String ipv6) {
        return new InnerRoute(
                IpPrefix.parse(mode.inner(), isIpv4(mode.inner()) ? ipv4 : ipv6),
                Optional.empty(),
                InnerRoute.MAIN_TABLE,
                0);
    }

    private static InnerRoute going(TunnelMode mode) {
        return route(mode, "10.50.0.0/16", "fd50::/48");
    }

    private static InnerRoute staying(TunnelMode mode) {
        return route(mode, "10.51.0.0/16", "fd51::/48");
    }

    private static DesiredTunnelBuilder routed(TunnelMode mode) {
        return tunnel("tun", mode).routes(going(mode), staying(mode)).withdrawable(going(mode));
    }

    private Outcome program(DesiredTunnel desired) {
        return programmer.program(desired, OptionalInt.empty(), () -> Claims.NONE, _ -> {});
    }

    private static String routes(TunnelMode mode, String table) {
        return Iproute2.run("ip -" + (isIpv4(mode.inner()) ? 4 : 6) + " route show dev tun table " + table);
    }

    private static void assertThere(TunnelMode mode, String table) {
        assertThat(routes(mode, table))
                .contains(going(mode).destination().toString())
                .contains(staying(mode).destination().toString());
    }

    private static void assertGone(TunnelMode mode, String table) {
        assertThat(routes(mode, table))
                .doesNotContain(going(mode).destination().toString())
                .contains(staying(mode).destination().toString());
    }

    private static String commands(Outcome outcome) {
        return outcome.executed().stream().map(Plan::toString).collect(Collectors.joining());
    }

    /** Also puts back what the kernel removes with the carrier. */
    private static void up() {
        Iproute2.run("ip link set dev under0 up");
        Iproute2.run("ip address replace 2001:db8::1/64 dev under0 nodad");
    }

    @ParameterizedTest
    @EnumSource
    void while_the_parent_is_down(TunnelMode mode) {
        DesiredTunnel desired = routed(mode).build();
        program(desired);
        assertThere(mode, "main");

        Iproute2.run("ip link set dev under0 down");
        Outcome down = program(desired);

        assertGone(mode, "main");
        assertThat(down.programmed()).isTrue();
        assertThat(down.state().orElseThrow().desired().missingRoutes()).containsExactly(going(mode));
        assertThat(program(desired).executed()).isEmpty();

        up();
        assertThat(commands(program(desired))).contains("route add ").hasLineCount(1);
        assertThere(mode, "main");
    }

    @ParameterizedTest
    @EnumSource
    void while_there_is_no_parent(TunnelMode mode) {
        DesiredTunnel desired = routed(mode).build();
        int ifindex = indexAfter(desired);

        Iproute2.run("ip link delete dev under0");
        Outcome gone = program(desired);

        assertThat(gone.notProgrammed().map(Refusal::reason)).contains(Reason.PARENT_NOT_FOUND);
        assertThat(gone.state().orElseThrow().desired().missingRoutes()).containsExactly(going(mode));
        assertGone(mode, "main");
        assertThat(program(desired).executed()).isEmpty();
        assertThat(Iproute2.ifindex("tun")).isEqualTo(ifindex);

        TunnelNode.parent("under0", TunnelNode.UNDER0);
        assertThat(program(desired).programmed()).isTrue();
        assertThere(mode, "main");
    }

    private int indexAfter(DesiredTunnel desired) {
        program(desired);
        return Iproute2.ifindex("tun");
    }

    @ParameterizedTest
    @EnumSource
    void while_the_node_lacks_the_local_address(TunnelMode mode) {
        DesiredTunnel desired = routed(mode).build();
        program(desired);
        String address = isIpv4(mode.outer()) ? "192.0.2.1/24" : "2001:db8::1/64";

        Iproute2.run("ip address delete " + address + " dev under0");
        program(desired);
        assertGone(mode, "main");

        Iproute2.batch(TunnelNode.configuration("under0", address).toArray(String[]::new));
        program(desired);
        assertThere(mode, "main");
    }

    @ParameterizedTest
    @EnumSource
    void while_no_route_leads_to_the_remote(TunnelMode mode) {
        boolean ipv4 = isIpv4(mode.outer());
        DesiredTunnel desired = routed(mode)
                .parent(Optional.empty())
                .remote(ipv4 ? "198.18.0.2" : "2001:db8:18::2")
                .build();
        String route = ipv4 ? "198.18.0.0/24 via 192.0.2.254" : "2001:db8:18::/64 via 2001:db8::254";
        Iproute2.run("ip route add " + route);
        program(desired);
        assertThere(mode, "main");

        Iproute2.run("ip route delete " + route);
        program(desired);
        assertGone(mode, "main");

        Iproute2.run("ip route add " + route);
        program(desired);
        assertThere(mode, "main");
    }

    @ParameterizedTest
    @EnumSource
    void while_the_peer_is_silent_also_in_a_VRF(TunnelMode mode) {
        Iproute2.batch("link add red type vrf table 4000", "link set red up");
        DesiredTunnel desired = routed(mode).vrf("red").build();
        program(desired);
        assertThere(mode, "4000");

        program(desired.withdrawn());
        assertGone(mode, "4000");

        program(desired);
        assertThere(mode, "4000");
    }

    @ParameterizedTest
    @EnumSource
    void but_never_one_that_another_program_made(TunnelMode mode) {
        program(tunnel("tun", mode).build());
        Iproute2.run("ip route add " + going(mode) + " dev tun proto static");
        DesiredTunnel desired = routed(mode).build();
        program(desired);

        program(desired.withdrawn());
        Iproute2.run("ip link delete dev under0");
        program(desired);

        assertThat(routes(mode, "main")).contains(going(mode).destination() + " proto static");
    }

    @ParameterizedTest
    @EnumSource
    void and_one_that_may_not_go_stays_in_all_cases(TunnelMode mode) {
        DesiredTunnel desired =
                tunnel("tun", mode).routes(going(mode), staying(mode)).build();
        program(desired);

        for (String trouble : List.of("ip link set dev under0 down", "ip link delete dev under0")) {
            Iproute2.run(trouble);
            program(desired);
            assertThere(mode, "main");
        }
    }
}
