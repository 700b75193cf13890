package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.iptunnel.kernel.read.ObservedRoutes;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.planner.ListedClaims;
import dev.iptunnel.planner.Planner;
import dev.iptunnel.readiness.Readiness;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelMode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an address brings along, and what a route does beside leading somewhere. */
@Tag("kernel")
class ConnectedRoutesKernelTest {
    private static final String[] IPV4 = {
        "10.9.0.1/30",
        "10.9.0.2/30",
        "10.8.0.1/32",
        "10.7.0.1/32 peer 10.7.0.9",
        "10.6.0.1/24 peer 10.6.0.9",
        "10.3.0.1/31"
    };
    private static final String[] IPV6 = {
        "fd09::1/64", "fd09::2/64", "fd08::1/128", "fd07::1/128 peer fd07::9", "fd06::1/64 peer fd66::9"
    };

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    private final BlockingQueue<KernelEvent> events = new LinkedBlockingQueue<>();

    private static DesiredTunnelBuilder withAddresses(TunnelMode mode) {
        return tunnel("tun", mode).addresses(mode.inner() == IpFamily.IPV4 ? IPV4 : IPV6);
    }

    /** As ip-route(8) prints them, but in no order. */
    private static List<String> routes(TunnelMode mode) {
        return Iproute2.run("ip -d -" + (mode.inner() == IpFamily.IPV4 ? 4 : 6) + " route show table all dev tun")
                .lines()
                .map(String::strip)
                .filter(line -> !line.contains("fe80") && !line.startsWith("multicast"))
                .sorted()
                .toList();
    }

    private void awaitQuiet(DesiredTunnelBuilder desired) {
        Instant deadline = Instant.now().plusSeconds(30);
        while (!((Plan) node.plan(desired)).isEmpty()) {
            assertThat(Instant.now()).isBefore(deadline);
        }
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void nothing_is_missing_of_what_the_kernel_makes_of_addresses(TunnelMode mode) {
        node.program(withAddresses(mode));

        awaitQuiet(withAddresses(mode));
        Iproute2.run("ip link set tun down");
        node.program(withAddresses(mode));
        awaitQuiet(withAddresses(mode));
        node.program(withAddresses(mode).up(false));
        assertThat(((Plan) node.plan(withAddresses(mode).up(false))).isEmpty()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void each_route_that_an_address_brought_along_comes_back_and_goes_with_the_address(TunnelMode mode) {
        node.program(withAddresses(mode));
        awaitQuiet(withAddresses(mode));
        String family = mode.inner() == IpFamily.IPV4 ? "-4" : "-6";
        List<String> before = routes(mode);
        for (String route : before) {
            Iproute2.run("ip " + family + " route del "
                    + route.replaceFirst("^unicast ", "").replaceFirst(" pref medium", "") + " dev tun");
            assertThat(routes(mode)).doesNotContain(route);

            node.program(withAddresses(mode));

            awaitQuiet(withAddresses(mode));
            assertThat(routes(mode)).as(route).isEqualTo(before);
        }
        node.program(withAddresses(mode).addresses());
        assertThat(routes(mode)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void a_connected_route_that_goes_is_told(TunnelMode mode) throws InterruptedException {
        DesiredTunnelBuilder desired = tunnel("tun", mode);
        node.program(desired);
        awaitQuiet(desired);
        node.kernel.watch(events::add);
        Instant deadline = Instant.now().plusSeconds(30);
        while (node.kernel
                .recall(desired.build())
                .map(observed -> Planner.plan(desired.build(), observed, ListedClaims.NONE))
                .filter(decision -> ((Plan) decision).isEmpty())
                .isEmpty()) {
            assertThat(Instant.now()).isBefore(deadline);
        }
        events.clear();

        Iproute2.run(
                mode.inner() == IpFamily.IPV4
                        ? "ip route del 10.9.0.0/30 dev tun"
                        : "ip -6 route del fd09::/64 dev tun");

        deadline = Instant.now().plusSeconds(30);
        while (!events.contains(new KernelEvent.LinkChanged("tun", true))) {
            assertThat(Instant.now()).isBefore(deadline);
            Thread.sleep(5);
        }
        assertThat(node.kernel.recall(desired.build()))
                .as("there is something to do")
                .isEmpty();
    }

    @Test
    void a_connected_route_that_others_replaced_is_a_conflict() {
        node.program(tunnel("tun", TunnelMode.IPIP));
        Iproute2.run("ip route replace 10.9.0.0/30 dev under1");

        assertThatThrownBy(() -> node.program(tunnel("tun", TunnelMode.IPIP)))
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.reason()).isEqualTo(Reason.ROUTE_CONFLICT))
                .hasMessageContaining("10.9.0.0/30");

        assertThat(Iproute2.routes("10.9.0.0/30")).singleElement().asString().contains("under1");
    }

    /** A change by ip-address(8) makes the address its own. */
    @Test
    void an_address_that_was_given_no_route_by_others_is_told() {
        node.program(tunnel("tun", TunnelMode.SIT));
        awaitQuiet(tunnel("tun", TunnelMode.SIT));
        Iproute2.run("ip address change fd09::1/64 dev tun noprefixroute");

        assertThat(node.program(tunnel("tun", TunnelMode.SIT)))
                .singleElement()
                .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.ADDRESS_CONFLICT))
                .asString()
                .contains("fd09::/64");
    }

    @ParameterizedTest
    @ValueSource(strings = {"valid_lft 3000 preferred_lft 2000", "preferred_lft 0"})
    void a_life_time_that_others_gave_our_address_is_put_right(String lifeTime) {
        DesiredTunnelBuilder desired = tunnel("tun", TunnelMode.IPIP);
        node.program(desired);
        awaitQuiet(desired);
        Iproute2.run("ip address change 10.9.0.1/30 dev tun " + lifeTime);

        node.program(desired);

        awaitQuiet(desired);
        assertThat(Iproute2.run("ip -4 address show dev tun"))
                .contains("valid_lft forever preferred_lft forever")
                .doesNotContain("deprecated");
    }

    /** A change by ip-address(8) makes an IPv6 address its own. */
    @Test
    void an_address_that_others_made_deprecated_is_told() {
        DesiredTunnelBuilder desired = tunnel("tun", TunnelMode.SIT);
        node.program(desired);
        awaitQuiet(desired);
        Iproute2.run("ip address change fd09::1/64 dev tun preferred_lft 0");

        assertThat(node.program(desired)).isEmpty();

        assertThat(Readiness.remark(desired.build(), node.kernel.observe(desired.build())))
                .hasValueSatisfying(remark -> assertThat(remark).contains("fd09::1/64", "deprecated"));
    }

    private static InnerRoute route(TunnelMode mode, String destination, Optional<String> gateway) {
        return new InnerRoute(IpPrefix.parse(mode.inner(), destination), gateway.map(mode.inner()::parse), 254, 0);
    }

    private static DesiredTunnelBuilder routed(TunnelMode mode) {
        return mode.inner() == IpFamily.IPV4
                ? tunnel("tun", mode).routes(route(mode, "10.50.0.0/16", Optional.of("10.9.0.2")))
                : tunnel("tun", mode).routes(route(mode, "fd50::/48", Optional.of("fd09::2")));
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, change 10.50.0.0/16 via 10.9.0.2 dev tun mtu 1300",
        "IPIP, change 10.50.0.0/16 via 10.9.0.2 dev tun src 10.9.0.1",
        "IPIP, change 10.50.0.0/16 via 10.9.0.2 dev tun onlink",
        "IPIP, change 10.50.0.0/16 via 10.9.0.2 dev tun realm 7",
        "IPIP, change 10.50.0.0/16 via inet6 fe80::2 dev tun",
        "IPIP, change 10.50.0.0/16 nexthop via 10.9.0.2 dev tun nexthop via 198.51.100.9 dev under1",
        "IPIP, append 10.50.0.0/16 via 10.9.0.2 dev tun tos 0x10",
        "IPIP, change local 10.50.0.0/16 dev tun table main",
        "IPIP, change broadcast 10.50.0.0/16 dev tun table main",
        "IPIP, change multicast 10.50.0.0/16 dev tun",
        "SIT, change fd50::/48 via fd09::2 dev tun mtu 1300",
        "SIT, change fd50::/48 via fd09::2 dev tun src fd09::1",
        "SIT, change fd50::/48 via fd09::2 dev tun pref high",
        "SIT, change fd50::/48 via fd09::2 dev tun expires 3000",
        "SIT, change local fd50::/48 dev tun table main",
        "SIT, append fd50::/48 from fd09::/64 via fd09::2 dev tun",
        "SIT, append fd50::/48 via 2001:db8:1::9 dev under1",
    })
    void an_attribute_of_our_route_that_others_changed_is_put_right(TunnelMode mode, String change) {
        node.program(routed(mode));
        awaitQuiet(routed(mode));
        List<String> before = routes(mode);
        Iproute2.run("ip -" + (mode == TunnelMode.IPIP ? 4 : 6) + " route "
                + change.replaceFirst("/(16|48) ", "/$1 proto " + ObservedRoutes.PROTOCOL + " "));
        assertThat(Iproute2.run("ip -d -" + (mode == TunnelMode.IPIP ? 4 : 6) + " route show"))
                .containsAnyOf("50:", "50.0.0/16");

        node.program(routed(mode));

        awaitQuiet(routed(mode));
        assertThat(routes(mode)).isEqualTo(before);
        assertThat(Iproute2.routes(mode == TunnelMode.IPIP ? "10.50.0.0/16" : "fd50::/48"))
                .singleElement()
                .asString()
                .contains("dev tun")
                .doesNotContain("from")
                .doesNotContain("tos");
    }

    /** A change by ip-route(8) makes the route one of its own, protocol boot. */
    @ParameterizedTest
    @CsvSource({
        "IPIP, 10.50.0.0/16 via 10.9.0.2 dev tun mtu 1300",
        "SIT, fd50::/48 via fd09::2 dev tun mtu 1300",
    })
    void a_route_that_others_made_their_own_is_a_conflict_and_stays(TunnelMode mode, String change) {
        node.program(routed(mode));
        awaitQuiet(routed(mode));
        Iproute2.run("ip -" + (mode == TunnelMode.IPIP ? 4 : 6) + " route change " + change);

        assertThatThrownBy(() -> node.program(routed(mode)))
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.reason()).isEqualTo(Reason.ROUTE_CONFLICT));

        assertThat(Iproute2.routes(mode == TunnelMode.IPIP ? "10.50.0.0/16" : "fd50::/48"))
                .singleElement()
                .asString()
                .contains("1300");
    }

    @ParameterizedTest
    @CsvSource({
        "SIT, -6 route add ::/0 from fd09::/64 dev tun, ::/0",
        "IPIP, -4 route add 0.0.0.0/0 dev tun tos 0x10, 0.0.0.0/0",
    })
    void a_route_for_some_packets_is_not_the_one_for_all(TunnelMode mode, String theirs, String destination) {
        node.program(tunnel("tun", mode));
        Iproute2.run("ip " + theirs);

        node.program(tunnel("tun", mode).allowIsolation().routes(route(mode, destination, Optional.empty())));

        assertThat(Iproute2.run("ip " + (mode == TunnelMode.IPIP ? "-4" : "-6") + " route show default")
                        .lines())
                .anySatisfy(line -> assertThat(line)
                        .contains("dev tun proto " + ObservedRoutes.PROTOCOL)
                        .doesNotContain("from")
                        .doesNotContain("tos"))
                .hasSize(2);
    }
}
