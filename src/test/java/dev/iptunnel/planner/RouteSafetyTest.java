package dev.iptunnel.planner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.observation.Surroundings;
import dev.iptunnel.observation.Surroundings.Guard;
import dev.iptunnel.observation.Surroundings.GuardedDestination;
import dev.iptunnel.observation.Surroundings.MatchedRoute;
import dev.iptunnel.observation.Surroundings.RoutingRule;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.InnerAddress;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.Marks;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The API server is 10.96.0.1. The default route of the node leads to it, unless a test says otherwise. */
class RouteSafetyTest {
    private static final RoutingRule LOCAL = new RoutingRule(0, 255, false);
    private static final RoutingRule MAIN = new RoutingRule(32766, 254, false);
    private static final MatchedRoute DEFAULT_ROUTE = new MatchedRoute(0, 254, 100);

    private static RouteSafety safety(Guard guard, Optional<MatchedRoute> now, RoutingRule... rules) {
        GuardedDestination guarded = new GuardedDestination(guard, IpFamily.IPV4.parse("10.96.0.1"), now);
        return safety(tunnel(TunnelMode.IPIP), guarded, rules);
    }

    private static RouteSafety safety(DesiredTunnelBuilder tunnel, GuardedDestination guarded, RoutingRule... rules) {
        return new RouteSafety(
                tunnel.build(),
                new Surroundings(Optional.empty(), List.of(), List.of(guarded), List.of(rules)),
                OptionalLong.empty());
    }

    private static DesiredTunnelBuilder tunnel(TunnelMode mode) {
        return DesiredTunnelBuilder.of(Marks.of("to-berlin"), mode);
    }

    private static InnerRoute route(String destination, long table, long metric) {
        return new InnerRoute(IpPrefix.parse(IpFamily.IPV4, destination), Optional.empty(), table, metric);
    }

    @ParameterizedTest
    @CsvSource({
        "10.96.0.0/12, 8, 0, 0, true",
        "10.0.0.0/8, 8, 0, 0, true",
        "10.0.0.0/8, 8, 100, 0, true",
        "10.0.0.0/8, 8, 100, 100, true",
        "10.0.0.0/8, 8, 100, 200, false",
        "0.0.0.0/0, 8, 100, 0, false",
        "10.97.0.0/16, 0, 100, 0, false",
        "10.96.0.1/32, 24, 0, 0, true",
    })
    void the_longest_prefix_wins_and_then_the_smallest_metric(
            String destination, int prefixNow, long metricNow, long metric, boolean refused) {
        // given
        RouteSafety safety =
                safety(Guard.API_SERVER, Optional.of(new MatchedRoute(prefixNow, 254, metricNow)), LOCAL, MAIN);

        // when
        Optional<Refusal> refusal = safety.refuse(route(destination, 254, metric));

        // then
        assertThat(refusal.isPresent()).isEqualTo(refused);
    }

    @ParameterizedTest
    @CsvSource({"100, false, true", "100, true, false", "40000, false, false"})
    void another_table_counts_if_an_unconditional_rule_leads_to_it_first(
            long priority, boolean conditional, boolean refused) {
        // given
        RouteSafety safety = safety(
                Guard.API_SERVER, Optional.of(DEFAULT_ROUTE), LOCAL, new RoutingRule(priority, 77, conditional), MAIN);

        // when
        Optional<Refusal> refusal = safety.refuse(route("10.96.0.0/12", 77, 0));

        // then
        assertThat(refusal.isPresent()).isEqualTo(refused);
    }

    /** wg-quick(8) adds these rules: all but the routes longer than 0 of the main table go by the tunnel of WireGuard. */
    @ParameterizedTest
    @CsvSource({
        "10.96.0.1/32, 254, 0, 51820, true",
        "0.0.0.0/1, 254, 0, 51820, true",
        "0.0.0.0/0, 254, 0, 51820, false",
        "0.0.0.0/0, 51820, 0, 254, true",
        "10.96.0.1/32, 51820, 8, 254, false",
        "10.96.0.1/32, 254, 8, 254, true",
    })
    void a_rule_that_suppresses_short_prefixes_leads_to_the_longer_ones(
            String destination, long table, int prefixNow, long tableNow, boolean refused) {
        // given
        RouteSafety safety = safety(
                Guard.API_SERVER,
                Optional.of(new MatchedRoute(prefixNow, tableNow, 0)),
                LOCAL,
                new RoutingRule(32764, 254, false, 0),
                new RoutingRule(32765, 51820, false),
                MAIN);

        // when
        Optional<Refusal> refusal = safety.refuse(route(destination, table, 0));

        // then
        assertThat(refusal.isPresent()).isEqualTo(refused);
    }

    @Test
    void a_kernel_without_policy_routing_uses_the_main_table() {
        // given
        RouteSafety safety = safety(Guard.REMOTE, Optional.empty());

        // when
        Optional<Refusal> refusal = safety.refuse(route("0.0.0.0/0", 254, 0));

        // then
        assertThat(refusal).map(Refusal::reason).contains(Reason.ROUTE_LOOP);
    }

    @Test
    void a_table_that_no_rule_leads_to_does_not_count() {
        // given
        RouteSafety safety = safety(Guard.API_SERVER, Optional.of(DEFAULT_ROUTE), LOCAL, MAIN);

        // when
        Optional<Refusal> refusal = safety.refuse(route("0.0.0.0/0", 77, 0));

        // then
        assertThat(refusal).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"254, true", "77, false"})
    void without_a_present_route_every_table_counts_that_a_rule_leads_to(long table, boolean refused) {
        // given
        RouteSafety safety = safety(Guard.REMOTE, Optional.empty(), LOCAL, MAIN);

        // when
        Optional<Refusal> refusal = safety.refuse(route("10.0.0.0/8", table, 0));

        // then
        assertThat(refusal.isPresent()).isEqualTo(refused);
    }

    @ParameterizedTest
    @CsvSource({
        "10.96.0.9/24, , true",
        "10.96.0.1/32, , true",
        "10.7.0.1/24, 10.96.0.2, true",
        "10.96.0.9/24, 10.7.0.2, false",
        "10.7.0.1/30, , false",
    })
    void an_address_counts_as_a_route_to_itself_and_to_its_network(String address, String peer, boolean refused) {
        // given
        RouteSafety safety = safety(Guard.API_SERVER, Optional.of(DEFAULT_ROUTE), LOCAL, MAIN);
        InnerAddress inner = new InnerAddress(
                IpPrefix.parse(IpFamily.IPV4, address),
                Optional.ofNullable(peer).map(IpFamily.IPV4::parse));

        // when
        Optional<Refusal> refusal = safety.refuse(inner);

        // then
        assertThat(refusal.isPresent()).isEqualTo(refused);
    }

    @ParameterizedTest
    @CsvSource({
        "REMOTE, ROUTE_LOOP",
        "API_SERVER, ROUTE_WOULD_ISOLATE_NODE",
        "DEFAULT_GATEWAY, ROUTE_WOULD_ISOLATE_NODE",
        "CARRIER, ROUTE_LOOP",
        "UPLINK, ROUTE_WOULD_ISOLATE_NODE",
        "PROTECTED, ROUTE_WOULD_ISOLATE_NODE"
    })
    void the_reason_depends_on_the_guard(Guard guard, Reason reason) {
        // given
        RouteSafety safety = safety(guard, Optional.of(DEFAULT_ROUTE), LOCAL, MAIN);

        // when
        Optional<Refusal> refusal = safety.refuse(route("10.0.0.0/8", 254, 0));

        // then
        assertThat(refusal).map(Refusal::reason).contains(reason);
    }

    @ParameterizedTest
    @EnumSource
    void isolation_is_allowed_on_request_but_a_loop_never(Guard guard) {
        // given
        GuardedDestination guarded =
                new GuardedDestination(guard, IpFamily.IPV4.parse("10.96.0.1"), Optional.of(DEFAULT_ROUTE));
        RouteSafety safety = safety(tunnel(TunnelMode.IPIP).allowIsolation(), guarded, LOCAL, MAIN);

        // when
        Optional<Refusal> refusal = safety.refuse(route("10.0.0.0/8", 254, 0));

        // then
        assertThat(refusal.isPresent()).isEqualTo(guard.isOfTunnel());
    }

    @Test
    void an_ipv6_route_without_a_metric_has_the_metric_1024_and_an_address_256() {
        // given
        GuardedDestination guarded = new GuardedDestination(
                Guard.API_SERVER,
                IpFamily.IPV6.parse("fd00:96::1"),
                Optional.of(new MatchedRoute(64, InnerRoute.MAIN_TABLE, 512)));
        RouteSafety safety = safety(tunnel(TunnelMode.SIT), guarded, LOCAL, MAIN);
        InnerRoute route = new InnerRoute(
                IpPrefix.parse(IpFamily.IPV6, "fd00:96::/64"), Optional.empty(), InnerRoute.MAIN_TABLE, 0);

        // when
        Optional<Refusal> byRoute = safety.refuse(route);
        Optional<Refusal> byAddress =
                safety.refuse(new InnerAddress(IpPrefix.parse(IpFamily.IPV6, "fd00:96::9/64"), Optional.empty()));

        // then
        assertThat(byRoute).isEmpty();
        assertThat(byAddress).isPresent();
    }
}
