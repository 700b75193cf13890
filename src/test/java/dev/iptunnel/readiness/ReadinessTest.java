package dev.iptunnel.readiness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.Observation.Device;
import dev.iptunnel.observation.Observation.OuterPath;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.planner.ListedClaims;
import dev.iptunnel.planner.Planner;
import dev.iptunnel.planner.SimulatedNode;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.Marks;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ReadinessTest {
    private static final DesiredTunnel DESIRED = tunnel().build();
    private static final ObservedLink UP = link(7, "to-berlin", true, "UNKNOWN");
    private static final ObservedLink DOWN = link(7, "to-berlin", false, "DOWN");
    private static final OuterPath ROUTED = path("eth0", 2, true);
    private static final OuterPath UNROUTED = new OuterPath(Optional.empty(), true);

    private static DesiredTunnelBuilder tunnel() {
        return DesiredTunnelBuilder.of(Marks.of("to-berlin"), TunnelMode.IPIP);
    }

    private static OuterPath path(String device, int index, boolean localPresent) {
        return new OuterPath(Optional.of(new Device(index, device, 1500)), localPresent);
    }

    private static ObservedLink link(int index, String name, boolean up, String operState) {
        return ObservedLink.builder(index, name)
                .up(up)
                .operState(operState)
                .mtu(1480)
                .build();
    }

    private static Observation observed(ObservedLink tunnel, OuterPath path) {
        return Observation.builder().named(Optional.of(tunnel)).path(path).build();
    }

    private static Observation observed(ObservedLink tunnel, OuterPath path, ObservedLink parent) {
        return observed(tunnel, path).toBuilder().parent(Optional.of(parent)).build();
    }

    @ParameterizedTest
    @CsvSource({"UNKNOWN", "UP"})
    void has_no_obstacle_for_a_tunnel_that_is_up_and_routed(String operState) {
        // given
        Observation observed = observed(link(7, "to-berlin", true, operState), ROUTED);

        // when
        Optional<Refusal> obstacle = Readiness.obstacle(DESIRED, observed);

        // then
        assertThat(obstacle).isEmpty();
    }

    @Test
    void has_no_obstacle_for_a_tunnel_that_the_spec_sets_down() {
        // given
        DesiredTunnel down = tunnel().up(false).build();

        // when
        Optional<Refusal> obstacle = Readiness.obstacle(down, observed(DOWN, UNROUTED));

        // then
        assertThat(obstacle).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "false, DOWN, interface to-berlin is down",
        "true, LOWERLAYERDOWN, interface to-berlin is in state LOWERLAYERDOWN"
    })
    void says_that_the_interface_is_down(boolean up, String operState, String message) {
        // given
        Observation observed = observed(link(7, "to-berlin", up, operState), ROUTED);

        // when
        Optional<Refusal> obstacle = Readiness.obstacle(DESIRED, observed);

        // then
        assertThat(obstacle).contains(new Refusal(Reason.LINK_DOWN, message));
    }

    @ParameterizedTest
    @CsvSource({"false, DOWN, parent eth1 is down", "true, DOWN, parent eth1 is in state DOWN"})
    void says_that_the_parent_is_down(boolean up, String operState, String message) {
        // given
        Observation observed = observed(UP, ROUTED, link(3, "eth1", up, operState));

        // when
        Optional<Refusal> obstacle = Readiness.obstacle(DESIRED, observed);

        // then
        assertThat(obstacle).contains(new Refusal(Reason.PARENT_DOWN, message));
    }

    static Stream<Arguments> paths() {
        return Stream.of(
                arguments(
                        path("eth0", 2, false),
                        Reason.LOCAL_ADDRESS_NOT_FOUND,
                        "the node does not have the address 192.0.2.1 (spec.local)"),
                arguments(UNROUTED, Reason.NO_ROUTE_TO_REMOTE, "the node has no route to 192.0.2.2 (spec.remote)"),
                arguments(
                        path("to-berlin", 7, true),
                        Reason.ROUTE_LOOP,
                        "the route to 192.0.2.2 (spec.remote) leads into the tunnel itself"));
    }

    @ParameterizedTest
    @MethodSource("paths")
    void says_what_the_outer_packets_lack(OuterPath path, Reason reason, String message) {
        // given
        Observation observed = observed(UP, path);

        // when
        Optional<Refusal> obstacle = Readiness.obstacle(DESIRED, observed);

        // then
        assertThat(obstacle).contains(new Refusal(reason, message));
    }

    @Test
    void needs_no_route_if_the_remote_is_any() {
        // given
        DesiredTunnel toAny = tunnel().remote("any").build();

        // when
        Optional<Refusal> obstacle = Readiness.obstacle(toAny, observed(UP, UNROUTED));

        // then
        assertThat(obstacle).isEmpty();
    }

    @Test
    void reports_only_the_first_check_that_fails() {
        // given
        Observation observed = observed(DOWN, UNROUTED, link(3, "eth1", false, "DOWN"));

        // when
        Optional<Refusal> obstacle = Readiness.obstacle(DESIRED, observed);

        // then
        assertThat(obstacle).map(Refusal::reason).contains(Reason.LINK_DOWN);
    }

    private static Optional<String> remark(DesiredTunnel desired, int mtu, int outerMtu) {
        SimulatedNode node = SimulatedNode.withEthernet();
        node.put(SimulatedNode.ethernet(2, "eth0", outerMtu));
        node.apply((Plan) Planner.plan(desired, node.observe(desired), ListedClaims.NONE));
        assertThat(node.named("to-berlin")).map(ObservedLink::mtu).contains(mtu);
        return Readiness.remark(desired, node.observe(desired));
    }

    @Test
    void remarks_that_the_kernels_minimum_mtu_does_not_fit() {
        // given
        DesiredTunnel desired =
                DesiredTunnelBuilder.of(Marks.of("to-berlin"), TunnelMode.SIT).build();

        // when
        Optional<String> remark = remark(desired, 1280, 1280);

        // then
        assertThat(remark)
                .contains(
                        "the MTU of 1280, the kernel's minimum, is more than the 1260 bytes that fit through the outer"
                                + " MTU of 1280: longer packets are fragmented or lost");
    }

    @Test
    void remarks_that_the_mtu_of_the_spec_does_not_fit() {
        // given
        DesiredTunnel desired = tunnel().mtu(OptionalInt.of(1500)).build();

        // when
        Optional<String> remark = remark(desired, 1500, 1500);

        // then
        assertThat(remark)
                .contains(
                        "the MTU of 1500 (spec.mtu) is more than the 1480 bytes that fit through the outer MTU of 1500:"
                                + " longer packets are fragmented or lost");
    }

    @Test
    void remarks_nothing_if_the_mtu_fits() {
        // given
        DesiredTunnel desired = tunnel().build();

        // when
        Optional<String> remark = remark(desired, 1480, 1500);

        // then
        assertThat(remark).isEmpty();
    }
}
