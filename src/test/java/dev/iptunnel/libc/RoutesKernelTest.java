package dev.iptunnel.libc;

import static dev.iptunnel.libc.IpCommand.ip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.netlink.Routes;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.netlink.route.DeviceRoute;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.netlink.route.RouteFilter;
import dev.iptunnel.netlink.route.RouteType;
import dev.iptunnel.netlink.route.Rule;
import dev.iptunnel.netlink.route.Rule.Selected;
import dev.iptunnel.netlink.route.RuleAction;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Routes through two tunnels that are up. Runs as root; ip(8) plays the other programs. */
@Tag("kernel")
class RoutesKernelTest {
    private static final int OURS = 153;
    private static final int MAIN = 254;
    private static final int TABLE = 1000;

    private final Rtnetlink rtnetlink = new Rtnetlink(NetlinkSocket.open());
    private int tunnel;
    private int other;

    @BeforeEach
    void makeTunnels() throws InterruptedException {
        removeTunnels();
        tunnel = make("kt-routes", "192.0.2.2");
        other = make("kt-other", "192.0.2.3");
        rtnetlink.changes().addAddress(tunnel, address("198.51.100.1"), Optional.empty(), 24, OptionalInt.empty());
        rtnetlink.changes().addAddress(tunnel, address("2001:db8:1::1"), Optional.empty(), 64, OptionalInt.empty());
        rtnetlink.changes().addAddress(other, address("2001:db8:2::1"), Optional.empty(), 64, OptionalInt.empty());
        awaitLocal("2001:db8:1::1");
        awaitLocal("2001:db8:2::1");
    }

    @AfterEach
    void removeTunnelsAndClose() {
        removeTunnels();
        rtnetlink.close();
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.0.0, 16, , 254, 0",
        "10.1.0.0, 16, 198.51.100.9, 254, 50",
        "10.1.0.0, 16, , 1000, -1",
        "0.0.0.0, 0, , 255, 7",
        "0.0.0.0, 0, 198.51.100.9, 1000, 0",
        "2001:db8:8::, 48, , 254, 0",
        "2001:db8:8::, 48, 2001:db8:1::9, 1000, 50",
        "::, 0, , 1000, 0"
    })
    void a_route_that_was_added_reads_back_and_can_be_deleted(
            String destination, int length, String gateway, int table, int metric) {
        DeviceRoute route = new DeviceRoute(
                address(destination),
                length,
                tunnel,
                Optional.ofNullable(gateway).map(RoutesKernelTest::address),
                table,
                metric,
                OURS);
        RouteFilter filter = RouteFilter.of(AddressFamily.of(route.destination()));

        rtnetlink.changes().addRoute(route);

        for (RouteFilter each :
                List.of(filter.withProtocol(OURS), filter.withOif(tunnel).withProtocol(OURS))) {
            assertThat(rtnetlink.routes(each)).extracting(Routes::deviceRoute).containsExactly(route);
        }
        assertThat(rtnetlink.routes(filter.withOif(tunnel)))
                .extracting(Routes::deviceRoute)
                .contains(route);
        assertThat(rtnetlink.routes(filter.withOif(other).withProtocol(OURS))).isEmpty();
        assertFails(Errno.EEXIST, () -> rtnetlink.changes().addRoute(route));
        rtnetlink.changes().deleteRoute(route);
        assertThat(rtnetlink.routes(filter.withProtocol(OURS))).isEmpty();
        assertFails(Errno.ESRCH, () -> rtnetlink.changes().deleteRoute(route));
    }

    @ParameterizedTest
    @CsvSource({"10.1.0.0, 16, 198.51.100.9, 198.51.100.8", "2001:db8:8::, 48, 2001:db8:1::9, 2001:db8:1::8"})
    void a_route_that_differs_from_the_request_is_not_deleted(
            String destination, int length, String gateway, String otherGateway) {
        InetAddress to = address(destination);
        Optional<InetAddress> through = Optional.of(address(gateway));
        DeviceRoute route = new DeviceRoute(to, length, tunnel, through, TABLE, 50, OURS);
        rtnetlink.changes().addRoute(route);

        List.of(
                        new DeviceRoute(to, length + 1, tunnel, through, TABLE, 50, OURS),
                        new DeviceRoute(to, length, other, through, TABLE, 50, OURS),
                        new DeviceRoute(to, length, tunnel, Optional.of(address(otherGateway)), TABLE, 50, OURS),
                        new DeviceRoute(to, length, tunnel, through, MAIN, 50, OURS),
                        new DeviceRoute(to, length, tunnel, through, TABLE, 51, OURS),
                        new DeviceRoute(to, length, tunnel, through, TABLE, 50, OURS + 1))
                .forEach(wrong ->
                        assertFails(Errno.ESRCH, () -> rtnetlink.changes().deleteRoute(wrong)));

        assertThat(rtnetlink.routes(RouteFilter.of(AddressFamily.of(to)).withProtocol(OURS)))
                .extracting(Routes::deviceRoute)
                .containsExactly(route);
        rtnetlink.changes().deleteRoute(route);
    }

    @Test
    void an_ipv4_deletion_without_a_metric_deletes_the_first_route_that_fits() {
        InetAddress to = address("10.1.0.0");
        rtnetlink
                .changes()
                .addRoute(new DeviceRoute(to, 16, tunnel, Optional.of(address("198.51.100.9")), MAIN, 50, OURS));

        rtnetlink.changes().deleteRoute(new DeviceRoute(to, 16, tunnel, Optional.empty(), MAIN, 0, OURS));

        assertThat(rtnetlink.routes(RouteFilter.of(AddressFamily.IPV4).withProtocol(OURS)))
                .isEmpty();
    }

    @Test
    void an_ipv6_deletion_without_a_metric_uses_the_metric_of_the_kernel() {
        InetAddress to = address("2001:db8:8::");
        DeviceRoute route = new DeviceRoute(to, 48, tunnel, Optional.empty(), MAIN, 50, OURS);
        rtnetlink.changes().addRoute(route);

        assertFails(Errno.ESRCH, () -> rtnetlink
                .changes()
                .deleteRoute(new DeviceRoute(to, 48, tunnel, Optional.empty(), MAIN, 0, OURS)));

        rtnetlink.changes().deleteRoute(route);
    }

    @Test
    void a_foreign_route_with_the_same_destination_and_metric_stays() {
        ip("route add 10.1.0.0/16 dev kt-other metric 50");
        DeviceRoute route = new DeviceRoute(address("10.1.0.0"), 16, tunnel, Optional.empty(), MAIN, 50, OURS);

        assertFails(Errno.EEXIST, () -> rtnetlink.changes().addRoute(route));

        assertThat(rtnetlink.routes(RouteFilter.of(AddressFamily.IPV4).withOif(other)))
                .extracting(Route::destination)
                .contains(address("10.1.0.0"));
    }

    @ParameterizedTest
    @CsvSource({"IPV4, 10.2.0.0/16, via 198.51.100.9, ''", "IPV6, 2001:db8:9::/48, via 2001:db8:1::9, via 2001:db8:2::9"
    })
    void a_foreign_multipath_route_is_listed_for_each_of_its_interfaces(
            AddressFamily family, String destination, String first, String second) {
        ip("route add " + destination + " proto 77 nexthop " + first
                + " dev kt-routes nexthop " + second
                + " dev kt-other weight 2");

        for (int ifindex : List.of(tunnel, other)) {
            assertThat(rtnetlink.routes(RouteFilter.of(family).withOif(ifindex).withProtocol(77)))
                    .singleElement()
                    .satisfies(route -> {
                        assertThat(route.nextHops()).hasSize(2);
                        assertThat(route.leadsOutOf(tunnel) && route.leadsOutOf(other))
                                .isTrue();
                        assertThat(route.oif()).isEmpty();
                    });
        }
    }

    @Test
    void a_missing_interface_has_no_routes() {
        assertThat(rtnetlink.routes(RouteFilter.of(AddressFamily.IPV4).withOif(999_999)))
                .isEmpty();
        assertThat(rtnetlink.routes(RouteFilter.of(AddressFamily.IPV6).withOif(999_999)))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.0.0, 16, 10.1.2.3",
        "2001:db8:8::, 48, 2001:db8:8::7",
        "0.0.0.0, 0, 10.9.9.9",
        "::, 0, 2001:db9::1"
    })
    void the_entry_that_decides_is_found(String destination, int length, String address) {
        DeviceRoute route = new DeviceRoute(address(destination), length, tunnel, Optional.empty(), MAIN, 42, OURS);
        rtnetlink.changes().addRoute(route);

        for (OptionalInt oif : List.of(OptionalInt.empty(), OptionalInt.of(tunnel))) {
            assertThat(rtnetlink.matchedRoute(address(address), oif))
                    .map(Routes::deviceRoute)
                    .hasValue(route);
        }
        assertThat(rtnetlink
                        .matchedRoute(address(address), OptionalInt.of(other))
                        .map(Routes::deviceRoute))
                .isNotEqualTo(Optional.of(route));
    }

    @Test
    void no_entry_decides_where_packets_are_dropped_or_no_route_matches() {
        ip("route add unreachable 10.3.0.0/16");
        ip("route add blackhole 10.4.0.0/16");
        ip("route add prohibit 2001:db8:a::/48");
        try {
            for (String address : List.of("203.0.113.1", "10.3.0.1", "10.4.0.1", "2001:db9::1", "2001:db8:a::1")) {
                assertThat(rtnetlink.matchedRoute(address(address), OptionalInt.empty()))
                        .as(address)
                        .isEmpty();
            }
        } finally {
            ip("route del 10.3.0.0/16");
            ip("route del 10.4.0.0/16");
            ip("route del 2001:db8:a::/48");
        }
    }

    @Test
    void no_route_leads_out_of_a_missing_interface() {
        OptionalInt gone = OptionalInt.of(4711);
        for (String address : List.of("203.0.113.1", "2001:db8:1::9")) {
            assertThat(rtnetlink.route(address(address), gone)).as(address).isEmpty();
            assertThat(rtnetlink.matchedRoute(address(address), gone))
                    .as(address)
                    .isEmpty();
        }
    }

    /** While no rule was ever added, the kernel keeps IPv4 addresses in the main table. */
    @Test
    void an_address_of_the_node_is_decided_by_a_local_route() {
        for (String address : List.of("198.51.100.1", "2001:db8:1::1")) {
            assertThat(rtnetlink.matchedRoute(address(address), OptionalInt.empty()))
                    .map(Route::type)
                    .hasValue(RouteType.LOCAL);
        }
    }

    @Test
    void rules_are_listed_of_each_family() {
        ip("rule add pref 77 fwmark 7 table 1000");
        ip("-6 rule add pref 78 table 1000");
        try {
            assertThat(rtnetlink.rules(AddressFamily.IPV4))
                    .contains(
                            rule(AddressFamily.IPV4, 77, TABLE, Selected.NONE),
                            rule(AddressFamily.IPV4, 32766, MAIN, Selected.ALL));
            assertThat(rtnetlink.rules(AddressFamily.IPV6))
                    .contains(
                            rule(AddressFamily.IPV6, 78, TABLE, Selected.ALL),
                            rule(AddressFamily.IPV6, 32766, MAIN, Selected.ALL));
        } finally {
            ip("rule del pref 77");
            ip("-6 rule del pref 78");
        }
    }

    private static Rule rule(AddressFamily family, int priority, int table, Selected own) {
        return new Rule(
                family, priority, RuleAction.TO_TABLE, table, own != Selected.ALL, own, -1, Optional.empty(), 0);
    }

    private int make(String name, String remote) {
        ip("tunnel add " + name + " mode ipip local 192.0.2.1 remote " + remote + " dev lo");
        ip("link set dev " + name + " up");
        return rtnetlink.link(name).orElseThrow().index();
    }

    /** The kernel puts an IPv6 address into the local table a moment after the address was added. */
    private void awaitLocal(String address) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!isLocal(address)) {
            assertThat(System.nanoTime()).as(address + " in the local table").isLessThan(deadline);
            Thread.sleep(10);
        }
    }

    private boolean isLocal(String address) {
        return rtnetlink
                .matchedRoute(address(address), OptionalInt.empty())
                .filter(route -> route.type() == RouteType.LOCAL)
                .isPresent();
    }

    private static void removeTunnels() {
        IpCommand.deleteLinks(List.of("kt-routes", "kt-other"));
    }

    private static void assertFails(Errno errno, Runnable request) {
        assertThatExceptionOfType(NetlinkException.class)
                .isThrownBy(request::run)
                .satisfies(e -> assertThat(e.errno()).isEqualTo(errno));
    }

    private static InetAddress address(String literal) {
        return InetAddress.ofLiteral(literal);
    }
}
