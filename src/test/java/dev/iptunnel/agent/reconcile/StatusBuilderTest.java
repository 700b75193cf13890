package dev.iptunnel.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.agent.program.Outcome;
import dev.iptunnel.agent.program.TunnelProgrammer;
import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.api.v1alpha1.IpTunnelStatus;
import dev.iptunnel.api.v1alpha1.ParentStatus;
import dev.iptunnel.api.v1alpha1.StatusMessage;
import dev.iptunnel.kernel.FakeTunnelKernel;
import dev.iptunnel.observation.ObservedAddress;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.Surroundings.Guard;
import dev.iptunnel.observation.Surroundings.GuardedDestination;
import dev.iptunnel.observation.Surroundings.MatchedRoute;
import dev.iptunnel.planner.SimulatedNode;
import dev.iptunnel.probe.Reachability;
import dev.iptunnel.probe.ReachabilityReason;
import dev.iptunnel.schedule.MovableClock;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StatusBuilderTest {
    private final FakeTunnelKernel kernel = new FakeTunnelKernel(SimulatedNode.withEthernet());
    private final TunnelProgrammer programmer = new TunnelProgrammer(kernel);
    private final MovableClock clock = new MovableClock();
    private final StatusBuilder builder = new StatusBuilder(clock);

    private IpTunnelStatus build(IpTunnel tunnel) {
        return builder.build(7, Tunnels.program(programmer, tunnel), Optional.empty(), List.of());
    }

    private static List<String> conditions(IpTunnelStatus status) {
        return status.conditions().stream()
                .map(condition -> condition.getType() + "=" + condition.getStatus() + " " + condition.getReason())
                .toList();
    }

    private static String message(IpTunnelStatus status, String type) {
        return status.conditions().stream()
                .filter(condition -> condition.getType().equals(type))
                .map(Condition::getMessage)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void contains_the_state_of_the_kernel() {
        // when
        IpTunnelStatus status = build(Tunnels.ipip("to-berlin"));

        // then
        assertThat(status)
                .usingRecursiveComparison()
                .ignoringFields("conditions")
                .isEqualTo(new IpTunnelStatus(
                        7L,
                        "to-berlin",
                        100,
                        1480,
                        new ParentStatus("eth0", 2, 1500),
                        "192.0.2.1",
                        "192.0.2.2",
                        "UNKNOWN",
                        List.of()));
    }

    @Test
    void of_a_working_tunnel_is_programmed_and_ready_and_says_nothing_about_the_peer() {
        // when
        IpTunnelStatus status = build(Tunnels.ipip("to-berlin"));

        // then
        assertThat(conditions(status)).containsExactly("Programmed=True InSync", "Ready=True TunnelUp");
        assertThat(message(status, "Ready")).contains("peer");
        assertThat(status.conditions()).allMatch(condition -> condition.getObservedGeneration() == 7);
    }

    @Test
    void of_a_tunnel_with_adminState_Down_is_ready() {
        // when
        IpTunnelStatus status = build(Tunnels.of("to-berlin", "ipip", "192.0.2.1", null, "Down"));

        // then
        assertThat(conditions(status)).containsExactly("Programmed=True InSync", "Ready=True AdministrativelyDown");
        assertThat(status.operState()).isEqualTo("DOWN");
    }

    @Test
    void of_a_missing_parent_is_not_stalled_because_it_may_appear() {
        // when
        IpTunnelStatus status = build(Tunnels.of("to-berlin", "ipip", "192.0.2.1", "ppp0", "Up"));

        // then
        assertThat(conditions(status)).containsExactly("Programmed=False ParentNotFound", "Ready=False ParentNotFound");
        assertThat(message(status, "Programmed")).contains("ppp0");
    }

    @Test
    void of_a_foreign_interface_is_stalled_and_does_not_contain_its_ifindex() {
        // given
        kernel.node().put(SimulatedNode.ethernet(9, "to-berlin", 9000));

        // when
        IpTunnelStatus status = build(Tunnels.ipip("to-berlin"));

        // then
        assertThat(conditions(status))
                .containsExactly(
                        "Programmed=False InterfaceNameConflict",
                        "Ready=False InterfaceNameConflict",
                        "Stalled=True InterfaceNameConflict");
        assertThat(Optional.ofNullable(status.ifindex())).isEmpty();
        assertThat(Optional.ofNullable(status.mtu())).isEmpty();
        assertThat(Optional.ofNullable(status.operState())).isEmpty();
    }

    @Test
    void of_an_invalid_spec_is_stalled_and_has_no_endpoints() {
        // when
        IpTunnelStatus status = build(Tunnels.of("to-berlin", "gre", "192.0.2.1", null, "Up"));

        // then
        assertThat(conditions(status))
                .containsExactly("Programmed=False InvalidSpec", "Ready=False InvalidSpec", "Stalled=True InvalidSpec");
        assertThat(Optional.ofNullable(status.local())).isEmpty();
    }

    @Test
    void of_a_missing_permission_is_not_stalled() {
        // given
        kernel.forbid();

        // when
        IpTunnelStatus status = build(Tunnels.ipip("to-berlin"));

        // then
        assertThat(conditions(status))
                .containsExactly("Programmed=False PermissionDenied", "Ready=False PermissionDenied");
    }

    @Test
    void of_a_tunnel_without_a_route_is_programmed_but_not_ready() {
        // given
        kernel.node().routeBy(Optional.empty());

        // when
        IpTunnelStatus status = build(Tunnels.ipip("to-berlin"));

        // then
        assertThat(conditions(status)).containsExactly("Programmed=True InSync", "Ready=False NoRouteToRemote");
    }

    @Test
    void without_the_local_address_is_programmed_but_not_ready_and_not_stalled() {
        // given
        kernel.node().localPresent(false);

        // when
        IpTunnelStatus status = build(Tunnels.ipip("to-berlin"));

        // then
        assertThat(conditions(status)).containsExactly("Programmed=True InSync", "Ready=False LocalAddressNotFound");
    }

    @Test
    void is_the_same_while_nothing_changes() {
        // given
        Outcome outcome = Tunnels.program(programmer, Tunnels.ipip("to-berlin"));
        IpTunnelStatus before = builder.build(7, outcome, Optional.empty(), List.of());
        clock.move(Duration.ofHours(1));

        // when
        IpTunnelStatus after = builder.build(7, outcome, Optional.empty(), before.conditions());

        // then
        assertThat(after).isEqualTo(before);
    }

    @Test
    void says_whether_the_peer_answers_and_is_ready_all_the_same() {
        // given
        Outcome outcome = Tunnels.program(programmer, Tunnels.ipip("to-berlin", "probe: {type: ICMP}"));

        // when
        IpTunnelStatus silent = builder.build(
                7,
                outcome,
                Optional.of(new Reachability(ReachabilityReason.NO_REPLY, "192.168.7.2 does not answer")),
                List.of());
        clock.move(Duration.ofHours(1));
        IpTunnelStatus answering = builder.build(
                7,
                outcome,
                Optional.of(new Reachability(ReachabilityReason.PEER_ANSWERS, "192.168.7.2 answers")),
                silent.conditions());

        // then
        assertThat(conditions(silent))
                .containsExactly("Programmed=True InSync", "Ready=True TunnelUp", "Reachable=False NoReply");
        assertThat(message(silent, "Reachable")).isEqualTo("192.168.7.2 does not answer");
        assertThat(message(silent, "Ready"))
                .isEqualTo("the node does its part; whether the peer answers is said by Reachable");
        assertThat(conditions(answering)).endsWith("Reachable=True PeerAnswers");
        assertThat(answering.conditions().stream().map(Condition::getLastTransitionTime))
                .containsExactly("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z", "2026-01-02T04:04:05Z");
    }

    @Test
    void changes_the_transition_time_of_the_changed_condition_only() {
        // given
        IpTunnelStatus before = build(Tunnels.ipip("to-berlin"));
        clock.move(Duration.ofHours(1));
        kernel.node().routeBy(Optional.empty());

        // when
        IpTunnelStatus after = builder.build(
                7, Tunnels.program(programmer, Tunnels.ipip("to-berlin")), Optional.empty(), before.conditions());

        // then
        assertThat(after.conditions().stream().map(Condition::getLastTransitionTime))
                .containsExactly("2026-01-02T03:04:05Z", "2026-01-02T04:04:05Z");
    }

    @Test
    void while_paused_says_so_and_is_not_stalled() {
        // when
        IpTunnelStatus status = build(Tunnels.ipip("to-berlin", "paused: true"));

        // then
        assertThat(conditions(status))
                .containsExactly("Programmed=False Paused", "Ready=False Paused", "Paused=True Paused");
        assertThat(message(status, "Paused")).isEqualTo("the agent changes nothing, as spec.paused asks");
    }

    /** The API server would refuse the status. */
    @Test
    void messages_about_many_changes_are_cut() {
        // given
        String routes = IntStream.range(0, 256)
                .mapToObj(i ->
                        "{destination: 'fd50:1111:2222:3333:4444:5555:6666:%x/128', metric: 4294967295, table: 4294967295}"
                                .formatted(i + 0x1000))
                .collect(Collectors.joining(", ", "[", "]"));
        IpTunnel tunnel = Tunnels.of("to-berlin", "ip6ip6", "2001:db8::1", null, "Up");
        tunnel.setSpec(IpTunnels.with(tunnel.getSpec(), "paused: true\nroutes: " + routes));

        // when
        IpTunnelStatus status = build(tunnel);

        // then
        assertThat(status.conditions())
                .allSatisfy(condition ->
                        assertThat(condition.getMessage().length()).isLessThanOrEqualTo(StatusMessage.MOST));
        assertThat(message(status, "Programmed")).contains("left to do: ip ").endsWith(" more characters)");
    }

    @Test
    void while_paused_and_in_sync_is_programmed_and_ready() {
        // given
        build(Tunnels.ipip("to-berlin"));

        // when
        IpTunnelStatus status = build(Tunnels.ipip("to-berlin", "paused: true"));

        // then
        assertThat(conditions(status))
                .containsExactly("Programmed=True InSync", "Ready=True TunnelUp", "Paused=True Paused");
    }

    @Test
    void names_what_others_put_on_the_interface() {
        // given
        build(Tunnels.ipip("to-berlin"));
        ObservedLink link = kernel.node().named("to-berlin").orElseThrow();
        kernel.node()
                .put(link.toBuilder()
                        .addresses(List.of(new ObservedAddress(
                                IpPrefix.parse(IpFamily.IPV4, "10.99.0.1/24"), Optional.empty(), false, Set.of())))
                        .build());

        // when
        IpTunnelStatus status = build(Tunnels.ipip("to-berlin"));

        // then
        assertThat(message(status, "Programmed"))
                .isEqualTo("the kernel holds what the spec asks for; left alone, because others made them: address"
                        + " 10.99.0.1/24");
    }

    @Test
    void of_an_mtu_that_does_not_fit_is_ready_and_says_so() {
        // given
        kernel.node().put(SimulatedNode.ethernet(2, "eth0", 1280));

        // when
        IpTunnelStatus status = build(Tunnels.of("to-berlin", "sit", "192.0.2.1", null, "Up"));

        // then
        assertThat(conditions(status)).containsExactly("Programmed=True InSync", "Ready=True TunnelUp");
        assertThat(message(status, "Ready"))
                .contains("the MTU of 1280, the kernel's minimum, is more than the 1260 bytes");
    }

    @Test
    void contains_the_resolved_local_address() {
        // when
        IpTunnelStatus status = build(Tunnels.ipip("to-berlin", "local: null\nlocalFrom: {type: NodeAddress}"));

        // then
        assertThat(status.local()).isEqualTo("192.0.2.1");
    }

    @Test
    void of_a_refused_route_is_stalled_although_the_tunnel_exists() {
        // given
        kernel.node()
                .guard(new GuardedDestination(
                        Guard.REMOTE,
                        IpFamily.IPV4.parse("192.0.2.2"),
                        Optional.of(new MatchedRoute(0, InnerRoute.MAIN_TABLE, 0))));

        // when
        IpTunnelStatus status = build(Tunnels.ipip("to-berlin", "routes: [{destination: 192.0.2.0/24}]"));

        // then
        assertThat(conditions(status))
                .containsExactly("Programmed=False RouteLoop", "Ready=False RouteLoop", "Stalled=True RouteLoop");
        assertThat(status.ifindex()).isEqualTo(100);
        assertThat(status.operState()).isEqualTo("UNKNOWN");
    }
}
