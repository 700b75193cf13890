package dev.iptunnel.agent.program;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.agent.InterceptedKernel;
import dev.iptunnel.agent.Tunnels;
import dev.iptunnel.api.v1alpha1.IpTunnel;
import dev.iptunnel.kernel.FakeTunnelKernel;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.Surroundings.Guard;
import dev.iptunnel.observation.Surroundings.GuardedDestination;
import dev.iptunnel.observation.Surroundings.MatchedRoute;
import dev.iptunnel.plan.Displacement;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.planner.Claims;
import dev.iptunnel.planner.ListedClaims;
import dev.iptunnel.planner.SimulatedNode;
import dev.iptunnel.tunnel.BirthGroup;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class TunnelProgrammerTest {
    private final FakeTunnelKernel kernel = new FakeTunnelKernel(SimulatedNode.withEthernet());
    private final TunnelProgrammer programmer = new TunnelProgrammer(kernel);

    private Reason reasonOf(Outcome outcome) {
        return outcome.notProgrammed().map(Refusal::reason).orElseThrow();
    }

    @Test
    void makes_the_kernel_hold_the_tunnel_and_returns_what_it_holds() {
        // when
        Outcome outcome = Tunnels.program(programmer, Tunnels.ipip("to-berlin"));

        // then
        assertThat(outcome.programmed()).isTrue();
        assertThat(outcome.executed()).hasSize(1);
        assertThat(outcome.state().orElseThrow().observed().named().flatMap(ObservedLink::mark))
                .contains(Tunnels.mark("to-berlin"));
    }

    @Test
    void removes_what_an_agent_created_and_did_not_mark_and_nothing_similar() {
        // given
        Tunnels.program(programmer, Tunnels.ipip("to-berlin"));
        ObservedLink made = kernel.node().named("to-berlin").orElseThrow();
        kernel.node().put(unmarked(made, 7, "half-born", BirthGroup.of(Tunnels.MANAGER)));
        kernel.node().put(unmarked(made, 8, "by-hand", 0));
        kernel.node().put(unmarked(made, 9, "of-another-cluster", BirthGroup.of("another")));

        // when
        programmer.removeHalfBorn(Tunnels.MANAGER);

        // then
        assertThat(kernel.links())
                .extracting(ObservedLink::name)
                .containsExactlyInAnyOrder("eth0", "to-berlin", "by-hand", "of-another-cluster");
    }

    private static ObservedLink unmarked(ObservedLink link, int index, String name, int group) {
        return ObservedLink.builder(index, name)
                .up(false)
                .operState("DOWN")
                .mtu(link.mtu())
                .reversePathFilter(link.reversePathFilter())
                .tunnel(link.tunnel())
                .group(group)
                .build();
    }

    @Test
    void leaves_a_tunnel_in_sync_alone() {
        // given
        Tunnels.program(programmer, Tunnels.ipip("to-berlin"));

        // when
        Outcome outcome = Tunnels.program(programmer, Tunnels.ipip("to-berlin"));

        // then
        assertThat(outcome.executed()).isEmpty();
        assertThat(kernel.executed()).hasSize(1);
    }

    @Test
    void reports_a_missing_parent_and_creates_the_tunnel_when_it_appears() {
        // given
        IpTunnel tunnel = Tunnels.of("to-berlin", "ipip", "192.0.2.1", "eth1", "Up");
        Outcome before = Tunnels.program(programmer, tunnel);
        kernel.node().put(SimulatedNode.ethernet(3, "eth1", 1400));

        // when
        Outcome after = Tunnels.program(programmer, tunnel);

        // then
        assertThat(reasonOf(before)).isEqualTo(Reason.PARENT_NOT_FOUND);
        assertThat(after.programmed()).isTrue();
        assertThat(kernel.node().named("to-berlin")).map(ObservedLink::mtu).contains(1380);
    }

    @Test
    void leaves_an_interface_without_our_mark_unchanged() {
        // given
        ObservedLink foreign = SimulatedNode.ethernet(9, "to-berlin", 9000);
        kernel.node().put(foreign);

        // when
        Outcome outcome = Tunnels.program(programmer, Tunnels.ipip("to-berlin"));

        // then
        assertThat(reasonOf(outcome)).isEqualTo(Reason.INTERFACE_NAME_CONFLICT);
        assertThat(kernel.node().named("to-berlin")).contains(foreign);
    }

    @Test
    void reports_endpoints_that_another_tunnel_has() {
        // given
        Tunnels.program(programmer, Tunnels.ipip("first"));

        // when
        Outcome outcome = Tunnels.program(programmer, Tunnels.ipip("second"));

        // then
        assertThat(reasonOf(outcome)).isEqualTo(Reason.ENDPOINT_CONFLICT);
    }

    @Test
    void reports_endpoints_that_another_sit_tunnel_has() {
        // given
        Tunnels.program(programmer, Tunnels.of("first", "sit", "192.0.2.1", null, "Up"));

        // when
        Outcome outcome = Tunnels.program(programmer, Tunnels.of("second", "sit", "192.0.2.1", null, "Up"));

        // then
        assertThat(reasonOf(outcome)).isEqualTo(Reason.ENDPOINT_CONFLICT);
    }

    @Test
    void reports_a_missing_module_and_continues_with_other_modes() {
        // given
        kernel.node().withoutModule(TunnelDriver.IP6TNL);
        Outcome missing = Tunnels.program(programmer, Tunnels.of("six", "ip6ip6", "2001:db8::1", null, "Up"));

        // when
        Outcome other = Tunnels.program(programmer, Tunnels.ipip("four"));

        // then
        assertThat(reasonOf(missing)).isEqualTo(Reason.MODULE_MISSING);
        assertThat(other.programmed()).isTrue();
    }

    @Test
    void reports_a_missing_permission_and_still_observes() {
        // given
        kernel.forbid();

        // when
        Outcome outcome = Tunnels.program(programmer, Tunnels.ipip("to-berlin"));

        // then
        assertThat(reasonOf(outcome)).isEqualTo(Reason.PERMISSION_DENIED);
        assertThat(outcome.state()).isPresent();
    }

    @Test
    void has_no_state_if_the_kernel_cannot_be_read() {
        // given
        kernel.breakReads();

        // when
        Outcome outcome = Tunnels.program(programmer, Tunnels.ipip("to-berlin"));

        // then
        assertThat(reasonOf(outcome)).isEqualTo(Reason.KERNEL_ERROR);
        assertThat(outcome.state()).isEmpty();
    }

    @Test
    void takes_over_what_the_predecessor_of_the_same_name_left() {
        // given
        Tunnels.program(programmer, Tunnels.ipip("to-berlin"));
        int ifindex = kernel.node().named("to-berlin").orElseThrow().index();
        IpTunnel successor = Tunnels.ipip("to-berlin");
        successor.getMetadata().setUid("uid-of-its-successor");

        // when
        Tunnels.program(programmer, successor);

        // then
        ObservedLink link = kernel.node().named("to-berlin").orElseThrow();
        assertThat(link.index()).isEqualTo(ifindex);
        assertThat(link.mark()).map(Mark::uid).contains("uid-of-its-successor");
    }

    @Test
    void does_not_claim_a_change_that_the_kernel_refused() {
        // given
        kernel.forbid();

        // when
        Outcome outcome = Tunnels.program(programmer, Tunnels.ipip("to-berlin"));

        // then
        assertThat(outcome.executed()).isEmpty();
    }

    @Test
    void changes_nothing_while_paused_and_reports_what_is_left_to_do() {
        // when
        Outcome outcome = Tunnels.program(programmer, Tunnels.ipip("to-berlin", "paused: true"));

        // then
        assertThat(kernel.executed()).isEmpty();
        assertThat(outcome.notProgrammed().orElseThrow().message())
                .startsWith(
                        "nothing is changed while spec.paused is true; left to do: ip tunnel add to-berlin mode ipip");
    }

    @Test
    void is_programmed_while_paused_if_nothing_is_left_to_do() {
        // given
        Tunnels.program(programmer, Tunnels.ipip("to-berlin"));

        // when
        Outcome outcome = Tunnels.program(programmer, Tunnels.ipip("to-berlin", "paused: true"));

        // then
        assertThat(outcome.programmed()).isTrue();
    }

    @Test
    void announces_an_interruption_of_traffic_before_it_happens() {
        // given
        List<String> happened = new ArrayList<>();
        Tunnels.program(programmer, Tunnels.ipip("to-berlin"));
        TunnelProgrammer announcing =
                new TunnelProgrammer(new InterceptedKernel(kernel, () -> {}, _ -> happened.add("executed")));

        // when
        announcing.program(
                Tunnels.READER.read(Tunnels.ipip("to-berlin", "remote: any")),
                OptionalInt.empty(),
                () -> ListedClaims.NONE,
                plan -> happened.add(plan.disruption().orElseThrow()));

        // then
        assertThat(happened)
                .containsExactly(
                        "ipip cannot change the remote between an address and any in place: the interface is removed"
                                + " and created again, with another ifindex",
                        "executed");
    }

    @Test
    void announces_beforehand_that_it_displaces_the_tunnel_of_another_object() {
        // given
        List<Displacement> announced = new ArrayList<>();
        List<String> happened = new ArrayList<>();
        IpTunnel younger = created(Tunnels.ipip("younger"), "2026-02-02T00:00:00Z");
        IpTunnel older = created(Tunnels.ipip("older"), "2026-01-01T00:00:00Z");
        Tunnels.program(programmer, younger);
        int ifindex = kernel.node().named("younger").orElseThrow().index();
        TunnelProgrammer announcing =
                new TunnelProgrammer(new InterceptedKernel(kernel, () -> {}, _ -> happened.add("executed")));

        // when
        announcing.program(
                Tunnels.READER.read(older),
                OptionalInt.empty(),
                () -> ListedClaims.of(List.of(Tunnels.READER.read(older), Tunnels.READER.read(younger))),
                plan -> {
                    happened.add("announced");
                    announced.addAll(plan.displaced());
                });

        // then
        assertThat(happened).containsExactly("announced", "executed");
        assertThat(announced)
                .containsExactly(new Displacement(
                        Tunnels.mark("younger"),
                        "the endpoints of interface younger (ifindex " + ifindex
                                + ") go to the IpTunnel \"older\", which is older; the interface carries no packets until"
                                + " it gets endpoints again"));
    }

    private static IpTunnel created(IpTunnel tunnel, String timestamp) {
        tunnel.getMetadata().setCreationTimestamp(timestamp);
        return tunnel;
    }

    @Test
    void announces_nothing_if_everything_is_changed_in_place() {
        // given
        List<String> announced = new ArrayList<>();
        Tunnels.program(programmer, Tunnels.ipip("to-berlin"));

        // when
        programmer.program(
                Tunnels.READER.read(Tunnels.ipip("to-berlin", "ttl: 10")),
                OptionalInt.empty(),
                () -> ListedClaims.NONE,
                plan -> announced.add(plan.toString()));

        // then
        assertThat(announced).isEmpty();
        assertThat(kernel.executed()).hasSize(2);
    }

    @Test
    void makes_the_tunnel_without_a_route_that_is_refused() {
        // given
        kernel.node()
                .guard(new GuardedDestination(
                        Guard.API_SERVER,
                        IpFamily.IPV4.parse("10.96.0.1"),
                        Optional.of(new MatchedRoute(0, InnerRoute.MAIN_TABLE, 0))));

        // when
        Outcome outcome = Tunnels.program(
                programmer,
                Tunnels.ipip("to-berlin", "routes: [{destination: 10.0.0.0/8}, {destination: 172.16.0.0/12}]"));

        // then
        assertThat(reasonOf(outcome)).isEqualTo(Reason.ROUTE_WOULD_ISOLATE_NODE);
        assertThat(kernel.node().named("to-berlin").orElseThrow().routes())
                .extracting(route -> route.route().toString())
                .containsExactly("172.16.0.0/12");
    }

    @Test
    void names_every_route_that_is_refused() {
        // given
        kernel.node()
                .guard(new GuardedDestination(
                        Guard.API_SERVER,
                        IpFamily.IPV4.parse("10.96.0.1"),
                        Optional.of(new MatchedRoute(0, InnerRoute.MAIN_TABLE, 0))));

        // when
        Outcome outcome = Tunnels.program(
                programmer,
                Tunnels.ipip("to-berlin", "routes: [{destination: 10.0.0.0/8}, {destination: 10.96.0.0/16}]"));

        // then
        assertThat(outcome.notProgrammed().orElseThrow().message())
                .contains("route 10.0.0.0/8 (spec.routes)", "route 10.96.0.0/16 (spec.routes)");
    }

    @Test
    void names_every_route_that_the_kernel_refuses() {
        // given
        Tunnels.program(
                programmer,
                Tunnels.ipip(
                        "to-hamburg",
                        "remote: 192.0.2.3\nroutes: [{destination: 10.8.0.0/16}, {destination: 10.9.0.0/16}]"));

        // when
        Outcome outcome = Tunnels.program(
                programmer,
                Tunnels.ipip("to-berlin", "routes: [{destination: 10.8.0.0/16}, {destination: 10.9.0.0/16}]"));

        // then
        assertThat(reasonOf(outcome)).isEqualTo(Reason.ROUTE_CONFLICT);
        assertThat(outcome.notProgrammed().orElseThrow().message())
                .contains("a route to 10.8.0.0/16 in table 254", "a route to 10.9.0.0/16 in table 254");
    }

    private static final String TWO_ROUTES = "routes: [{destination: 10.8.0.0/16}, {destination: 10.9.0.0/16}]";

    @Test
    void reports_what_was_executed_besides_a_part_that_the_kernel_refuses() {
        // given
        Tunnels.program(
                programmer, Tunnels.ipip("to-hamburg", "remote: 192.0.2.3\nroutes: [{destination: 10.8.0.0/16}]"));

        // when
        Outcome outcome = Tunnels.program(programmer, Tunnels.ipip("to-berlin", TWO_ROUTES));

        // then
        assertThat(outcome.extent()).isEqualTo(Outcome.Extent.ALL_BUT_PARTS);
        assertThat(outcome.executed()).singleElement().satisfies(plan -> assertThat(plan.toString())
                .contains("ip tunnel add to-berlin", "10.9.0.0/16")
                .doesNotContain("10.8.0.0/16"));
    }

    @Test
    void reports_what_was_executed_before_an_error() {
        // given
        Tunnels.program(programmer, Tunnels.ipip("to-berlin"));
        kernel.node().withoutModule(TunnelDriver.IPIP);

        // when
        Outcome outcome = Tunnels.program(programmer, Tunnels.ipip("to-berlin", "remote: any"));

        // then
        assertThat(reasonOf(outcome)).isEqualTo(Reason.MODULE_MISSING);
        assertThat(outcome.extent()).isEqualTo(Outcome.Extent.LESS);
        assertThat(outcome.executed()).singleElement().satisfies(plan -> assertThat(plan.operations())
                .hasToString("[ip tunnel del to-berlin]"));
    }

    @Test
    void does_nothing_if_the_object_asks_for_something_else_when_it_is_its_turn() {
        // when
        Outcome outcome = programmer.program(
                Tunnels.READER.read(Tunnels.ipip("to-berlin")),
                OptionalInt.empty(),
                new Demands() {
                    @Override
                    public Claims claims() {
                        return ListedClaims.NONE;
                    }

                    @Override
                    public boolean isCurrent() {
                        return false;
                    }
                },
                _ -> {});

        // then
        assertThat(outcome.extent()).isEqualTo(Outcome.Extent.SUPERSEDED);
        assertThat(kernel.executed()).isEmpty();
    }

    @Test
    void notes_in_the_mark_that_the_object_is_paused_and_that_it_is_no_longer() {
        // given
        Tunnels.program(programmer, Tunnels.ipip("to-berlin"));
        Tunnels.program(programmer, Tunnels.ipip("to-berlin", "paused: true\nttl: 17"));
        ObservedLink paused = kernel.node().named("to-berlin").orElseThrow();
        assertThat(paused.mark().map(Mark::deletionPolicy)).contains(DeletionPolicy.RETAIN);
        assertThat(paused.tunnel().orElseThrow().ttl()).isEqualTo(64);

        // when
        Tunnels.program(programmer, Tunnels.ipip("to-berlin"));

        // then
        assertThat(kernel.node().named("to-berlin").orElseThrow().mark().map(Mark::deletionPolicy))
                .contains(DeletionPolicy.DELETE);
    }

    @Test
    void removes_the_mark_of_a_retained_tunnel() {
        // given
        Tunnels.program(programmer, Tunnels.ipip("to-berlin", "deletionPolicy: Retain"));
        ObservedLink link = kernel.node().named("to-berlin").orElseThrow();

        // when
        programmer.remove(link, DeletionPolicy.RETAIN, () -> true);

        // then
        ObservedLink left = kernel.node().named("to-berlin").orElseThrow();
        assertThat(left.alias()).isEmpty();
        assertThat(left.up()).isTrue();
        assertThat(left.index()).isEqualTo(link.index());
    }
}
