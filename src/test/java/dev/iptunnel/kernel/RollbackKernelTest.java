package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.confirm.Cause;
import dev.iptunnel.agent.confirm.ChangeTrials;
import dev.iptunnel.agent.confirm.ConfirmSettings;
import dev.iptunnel.agent.program.Outcome;
import dev.iptunnel.agent.program.TunnelProgrammer;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.planner.Claims;
import dev.iptunnel.schedule.Clocks;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelMode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Changes that cut the node off from its API server are undone. The API server is an address of the peer, which refuses
 * connections: that is an answer, too.
 */
@Tag("kernel")
class RollbackKernelTest {
    private static final int PORT = 6443;
    private static final Duration SILENCE = Duration.ofSeconds(5);

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    @RegisterExtension
    final Peer peer = new Peer();

    private final List<Cause> undone = new ArrayList<>();

    private Outcome program(DesiredTunnelBuilder tunnel, InetAddress apiServer) {
        ChangeTrials trials = ChangeTrials.of(
                node.kernel,
                new ConfirmSettings(SILENCE, Optional.empty()),
                Clocks.system().steady(),
                undone::add);
        trials.follow(Set.of(new InetSocketAddress(apiServer, PORT)));
        return new TunnelProgrammer(node.kernel)
                .program(tunnel.build(), OptionalInt.empty(), () -> Claims.NONE, _ -> {}, trials.of(1));
    }

    /** At the end of the cable. */
    private static InetAddress apiServerOf(IpFamily family) {
        String address = family == IpFamily.IPV4 ? "192.0.2.3" : "2001:db8::3";
        Peer.run("address add " + address + (family == IpFamily.IPV4 ? "/24" : "/64") + " dev wire"
                + (family == IpFamily.IPV4 ? "" : " nodad"));
        return family.parse(address);
    }

    private static InnerRoute to(InetAddress address) {
        return new InnerRoute(IpPrefix.host(address), Optional.empty(), InnerRoute.MAIN_TABLE, 0);
    }

    private static InnerRoute harmless(TunnelMode mode) {
        return new InnerRoute(
                IpPrefix.parse(mode.inner(), mode.inner() == IpFamily.IPV4 ? "10.50.0.0/16" : "fd50::/64"),
                Optional.empty(),
                InnerRoute.MAIN_TABLE,
                0);
    }

    private static Optional<Reason> reason(Outcome outcome) {
        return outcome.notProgrammed().map(Refusal::reason);
    }

    private static String wayTo(InetAddress address) {
        return Iproute2.run("ip route get " + IpFamily.format(address));
    }

    @ParameterizedTest
    @EnumSource
    void a_new_tunnel_with_a_route_that_cuts_the_node_off_is_removed(TunnelMode mode) {
        // given
        InetAddress apiServer = apiServerOf(mode.inner());

        // when
        Outcome outcome = program(tunnel("tun", mode).routes(to(apiServer)).allowIsolation(), apiServer);

        // then
        assertThat(reason(outcome)).contains(Reason.ROLLED_BACK);
        assertThat(Iproute2.interfaceNames()).doesNotContain("tun");
        assertThat(wayTo(apiServer)).contains("dev under0");
        assertThat(undone).containsExactly(Cause.SILENT);
    }

    @ParameterizedTest
    @EnumSource
    void a_route_that_cuts_the_node_off_is_taken_back_and_the_tunnel_is_as_before(TunnelMode mode) {
        // given
        InetAddress apiServer = apiServerOf(mode.inner());
        program(tunnel("tun", mode).routes(harmless(mode)), apiServer);
        String before = Iproute2.run("ip -d link show dev tun");

        // when
        Outcome outcome = program(
                tunnel("tun", mode)
                        .routes(to(apiServer))
                        .mtu(OptionalInt.of(1380))
                        .allowIsolation(),
                apiServer);

        // then
        assertThat(reason(outcome)).contains(Reason.ROLLED_BACK);
        assertThat(Iproute2.run("ip -d link show dev tun")).isEqualTo(before);
        assertThat(Iproute2.run("ip " + (mode.inner() == IpFamily.IPV4 ? "-4" : "-6") + " route show dev tun"))
                .contains(harmless(mode).destination().toString())
                .doesNotContain(IpFamily.format(apiServer));
        assertThat(wayTo(apiServer)).contains("dev under0");
    }

    @ParameterizedTest
    @EnumSource
    void a_tunnel_made_by_hand_that_is_taken_over_stays_when_its_route_is_taken_back(TunnelMode mode) {
        // given
        InetAddress apiServer = apiServerOf(mode.inner());
        program(tunnel("tun", mode).addresses(), apiServer);
        Iproute2.batch("link set dev tun alias ''");
        int ifindex = Iproute2.ifindex("tun");

        // when
        Outcome outcome = program(
                tunnel("tun", mode)
                        .addresses()
                        .routes(to(apiServer))
                        .allowIsolation()
                        .adoptIfIdentical(),
                apiServer);

        // then
        assertThat(reason(outcome)).contains(Reason.ROLLED_BACK);
        assertThat(Iproute2.ifindex("tun")).isEqualTo(ifindex);
        assertThat(wayTo(apiServer)).contains("dev under0");
    }

    @ParameterizedTest
    @EnumSource
    void a_change_of_the_tunnel_that_leads_to_the_api_server_is_undone_if_its_packets_do_not_arrive(TunnelMode mode) {
        // given
        Peer.tunnel(mode);
        InetAddress apiServer = mode.inner().parse(mode.inner() == IpFamily.IPV4 ? "10.9.0.2" : "fd09::2");
        program(tunnel("tun", mode), apiServer);
        String before = Iproute2.run("ip -d link show dev tun");

        // when
        Outcome outcome = program(
                tunnel("tun", mode).remote(mode.outer() == IpFamily.IPV4 ? "192.0.2.77" : "2001:db8::77"), apiServer);

        // then
        assertThat(reason(outcome)).contains(Reason.ROLLED_BACK);
        assertThat(Iproute2.run("ip -d link show dev tun")).isEqualTo(before);
        assertThat(Peer.ping(Peer.inner(mode)).answered()).isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void a_change_that_its_packets_survive_stays(TunnelMode mode) {
        // given
        Peer.tunnel(mode);
        InetAddress apiServer = mode.inner().parse(mode.inner() == IpFamily.IPV4 ? "10.9.0.2" : "fd09::2");
        program(tunnel("tun", mode), apiServer);

        // when
        Outcome outcome = program(tunnel("tun", mode).mtu(OptionalInt.of(1380)), apiServer);

        // then
        assertThat(outcome.programmed()).isTrue();
        assertThat(Iproute2.run("ip link show dev tun")).contains("mtu 1380");
        assertThat(undone).isEmpty();
    }
}
