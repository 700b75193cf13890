package dev.iptunnel.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.observation.ObservedAddress;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.ObservedRoute;
import dev.iptunnel.observation.RouteDetails;
import dev.iptunnel.observation.Surroundings.Guard;
import dev.iptunnel.observation.Surroundings.GuardedDestination;
import dev.iptunnel.observation.Surroundings.MatchedRoute;
import dev.iptunnel.planner.SimulatedNode;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.Mark;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A tunnel from the creation of its object to the deletion, and the status of the object meanwhile. */
@Tag("api")
class LifecycleApiTest {
    @RegisterExtension
    final AgentOfNode1 agent = new AgentOfNode1();

    private Optional<String> ownerOf(String name) {
        return agent.link(name).flatMap(ObservedLink::mark).map(Mark::uid);
    }

    private String uid(String name) {
        return agent.get(name).getMetadata().getUid();
    }

    @Test
    void an_object_created_again_while_no_agent_ran_takes_its_tunnel_over() {
        agent.create("again", AgentOfNode1.ipip(1));
        agent.awaitInSync("again");
        int ifindex = agent.ifindex("again");
        agent.stop();
        agent.delete("again");
        agent.create("again", IpTunnels.with(AgentOfNode1.ipip(1), "ttl: 17"));

        agent.start();

        agent.awaitInSync("again");
        assertThat(agent.ifindex("again")).isEqualTo(ifindex);
        assertThat(ownerOf("again")).contains(uid("again"));
    }

    @Test
    void a_paused_object_reports_what_is_left_to_do_and_it_is_done_afterwards() {
        agent.create("rests", AgentOfNode1.ipip(1));
        agent.awaitInSync("rests");
        int plans = agent.kernel.executed().size();

        agent.change("rests", """
                paused: true
                ttl: 17
                """);

        agent.awaitCondition("rests", "Paused", "Paused");
        assertThat(agent.awaitCondition("rests", "Programmed", "Paused").getMessage())
                .contains("ip tunnel change rests")
                .contains("ttl 17");
        assertThat(agent.kernel.executed()).hasSize(plans + 1);
        assertThat(agent.kernel.executed().getLast())
                .hasToString(
                        """
                ip link set dev rests alias 'iptunnel.dev/v1 manager=%s uid=%s deletion=Retain name=rests'
                """
                                .formatted(
                                        agent.link("rests")
                                                .flatMap(ObservedLink::mark)
                                                .map(Mark::manager)
                                                .orElseThrow(),
                                        uid("rests")));
        agent.change("rests", "paused: false");
        agent.awaitInSync("rests");
        assertThat(agent.condition("rests", "Paused")).isEmpty();
        assertThat(agent.link("rests")
                        .flatMap(ObservedLink::tunnel)
                        .orElseThrow()
                        .ttl())
                .isEqualTo(17);
    }

    @Test
    void a_paused_object_that_has_nothing_to_do_is_in_sync() {
        agent.create("rests", AgentOfNode1.ipip(1));
        agent.awaitInSync("rests");

        agent.change("rests", "paused: true");

        agent.awaitCondition("rests", "Paused", "Paused");
        agent.awaitInSync("rests");
    }

    @Test
    void a_retained_tunnel_stays_without_our_mark() {
        agent.create("stays", IpTunnels.with(AgentOfNode1.ipip(1), "deletionPolicy: Retain"));
        agent.awaitInSync("stays");
        ObservedLink before = agent.link("stays").orElseThrow();

        agent.delete("stays");

        agent.awaitEvent("stays", "TunnelRetained");
        ObservedLink after = agent.link("stays").orElseThrow();
        assertThat(after.alias()).isEmpty();
        assertThat(after.index()).isEqualTo(before.index());
        assertThat(after.up()).isTrue();
        assertThat(agent.events("stays")).containsExactly("TunnelCreated", "TunnelRetained");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "paused: true",
                "paused: true\ndeletionPolicy: Retain",
                "paused: true\nttl: 17",
                "deletionPolicy: Retain",
                "deletionPolicy: Retain\nmode: ipip\nlocal: 192.0.2.77",
            })
    void a_tunnel_stays_unchanged_if_the_last_change_before_the_deletion_asked_for_that(String last) {
        agent.create("stays", AgentOfNode1.ipip(1));
        agent.awaitInSync("stays");
        agent.kernel.hold();
        agent.create("busy", AgentOfNode1.ipip(2));
        agent.await("another is being made", () -> agent.kernel.executing() == 1);
        ObservedLink before = agent.link("stays").orElseThrow();

        agent.change("stays", last);
        agent.delete("stays");
        agent.awaitDeletionHeard();
        agent.kernel.release();

        agent.awaitEvent("stays", "TunnelRetained");
        ObservedLink after = agent.link("stays").orElseThrow();
        assertThat(after.alias()).isEmpty();
        assertThat(after.index()).isEqualTo(before.index());
        assertThat(after.tunnel()).isEqualTo(before.tunnel());
        agent.stop();
        agent.start();
        AgentOfNode1.settle();
        assertThat(agent.link("stays")).contains(after);
    }

    @Test
    void a_tunnel_is_removed_if_its_object_is_unpaused_and_deleted_at_once() {
        agent.create("goes", IpTunnels.with(AgentOfNode1.ipip(1), "deletionPolicy: Retain"));
        agent.awaitInSync("goes");
        agent.change("goes", "paused: true");
        agent.awaitCondition("goes", "Paused", "Paused");

        agent.change("goes", "paused: false\ndeletionPolicy: Delete");
        agent.delete("goes");

        agent.await("tunnel gone", () -> agent.link("goes").isEmpty());
    }

    @Test
    void a_tunnel_stays_if_its_object_was_paused_and_is_deleted_while_no_agent_runs() {
        agent.create("stays", AgentOfNode1.ipip(1));
        agent.create("other", AgentOfNode1.ipip(2));
        agent.awaitInSync("stays");
        agent.awaitInSync("other");
        agent.change("stays", "paused: true");
        agent.awaitCondition("stays", "Paused", "Paused");
        agent.stop();
        agent.delete("stays");

        agent.start();

        agent.awaitEvent("stays", "TunnelRetained");
        assertThat(agent.link("stays").orElseThrow().alias()).isEmpty();
    }

    @Test
    void a_deletion_during_the_creation_leaves_no_tunnel() {
        agent.kernel.hold();
        agent.create("brief", AgentOfNode1.ipip(1));
        agent.await("being made", () -> agent.kernel.executing() == 1);
        agent.delete("brief");
        AgentOfNode1.settle();

        agent.kernel.release();

        agent.await("made", () -> !agent.kernel.executed().isEmpty());
        agent.await("tunnel gone", () -> agent.link("brief").isEmpty());
        AgentOfNode1.settle();
        assertThat(agent.link("brief")).isEmpty();
    }

    @Test
    void an_interruption_of_traffic_is_reported_before_it_happens() {
        agent.create("remade", AgentOfNode1.ipip(1));
        agent.awaitInSync("remade");
        int ifindex = agent.ifindex("remade");
        agent.kernel.hold();

        agent.change("remade", "remote: any");

        agent.awaitEvent("remade", "TrafficInterrupted");
        assertThat(agent.ifindex("remade")).isEqualTo(ifindex);
        agent.kernel.release();
        agent.awaitInSync("remade");
        assertThat(agent.ifindex("remade")).isNotEqualTo(ifindex);
        agent.awaitEvent("remade", "TunnelRecreated");
        assertThat(agent.events("remade")).containsExactly("TunnelCreated", "TrafficInterrupted", "TunnelRecreated");
    }

    private static IpTunnelSpec routed(String destination) {
        return IpTunnels.with(
                AgentOfNode1.ipip(1), "routes: [{destination: " + destination + "}, {destination: 172.17.0.0/16}]");
    }

    private List<String> routesOf(String name) {
        return agent.link(name).orElseThrow().routes().stream()
                .map(route -> route.route().toString())
                .toList();
    }

    @Test
    void a_route_that_somebody_else_has_is_reported_and_the_others_are_added() {
        agent.kernel.node().put(withRoute(SimulatedNode.ethernet(9, "eth1", 1500), "172.16.0.0/12"));

        agent.create("routed", routed("172.16.0.0/12"));

        assertThat(agent.awaitCondition("routed", "Programmed", "RouteConflict").getMessage())
                .contains("172.16.0.0/12");
        agent.awaitCondition("routed", "Stalled", "RouteConflict");
        agent.awaitEvent("routed", "TunnelCreated");
        assertThat(routesOf("routed")).containsExactly("172.17.0.0/16");
    }

    private static ObservedLink withRoute(ObservedLink link, String destination) {
        InnerRoute route =
                new InnerRoute(IpPrefix.parse(IpFamily.IPV4, destination), Optional.empty(), InnerRoute.MAIN_TABLE, 0);
        return link.toBuilder()
                .reversePathFilter(OptionalInt.of(0))
                .tunnel(Optional.empty())
                .unmanaged(List.of())
                .addresses(List.of())
                .routes(List.of(new ObservedRoute(route, 4, false, RouteDetails.PLAIN)))
                .build();
    }

    @Test
    void a_route_that_would_isolate_the_node_is_refused_until_that_is_allowed() {
        agent.kernel
                .node()
                .guard(new GuardedDestination(
                        Guard.API_SERVER,
                        IpFamily.IPV4.parse("203.0.113.1"),
                        Optional.of(new MatchedRoute(0, InnerRoute.MAIN_TABLE, 0))));
        agent.create("routed", routed("203.0.113.0/24"));
        assertThat(agent.awaitCondition("routed", "Stalled", "RouteWouldIsolateNode")
                        .getMessage())
                .contains("203.0.113.1")
                .contains("spec.allowIsolation: true");
        assertThat(routesOf("routed")).containsExactly("172.17.0.0/16");

        agent.change("routed", "allowIsolation: true");

        agent.awaitInSync("routed");
        assertThat(routesOf("routed")).contains("203.0.113.0/24");
    }

    @ParameterizedTest
    @CsvSource({
        "'{type: NodeAddress}', 192.0.2.7",
        "'{type: Interface, interfaceName: eth1}', 192.0.2.33",
        "'{type: Parent}', 192.0.2.33",
    })
    void the_status_says_which_local_address_was_found(String localFrom, String local) {
        ObservedLink eth1 = SimulatedNode.ethernet(9, "eth1", 1500);
        agent.kernel
                .node()
                .put(eth1.toBuilder()
                        .alias("")
                        .up(true)
                        .operState("UP")
                        .reversePathFilter(OptionalInt.of(0))
                        .tunnel(Optional.empty())
                        .unmanaged(List.of())
                        .addresses(List.of(new ObservedAddress(
                                IpPrefix.parse(IpFamily.IPV4, "192.0.2.33/24"), Optional.empty(), false, Set.of())))
                        .routes(List.of())
                        .build());

        agent.create(
                "found", IpTunnels.with(AgentOfNode1.ipip(1), "local: null\nparent: eth1\nlocalFrom: " + localFrom));

        agent.awaitInSync("found");
        assertThat(agent.get("found").getStatus().local()).isEqualTo(local);
    }
}
