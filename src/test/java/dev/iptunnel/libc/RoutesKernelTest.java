package dev.iptunnel.libc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.link.LinkChange;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.netlink.route.DeviceRoute;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.netlink.route.RouteFilter;
import dev.iptunnel.netlink.route.Rule;
import dev.iptunnel.netlink.route.RuleAction;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Routes through two tunnels that are up: as root, with iproute2 for what others do. */
@Tag("kernel")
class RoutesKernelTest {
    private static final int OURS = 153;
    private static final int MAIN = 254;
    private static final int TABLE = 1000;

    private final Rtnetlink rtnetlink = new Rtnetlink(NetlinkSocket.open());
    private final TunnelIoctl tunnels = new TunnelIoctl();
    private int tunnel;
    private int other;

    @BeforeEach
    void makeTunnels() {
        removeTunnels();
        tunnel = make("kt-routes", "192.0.2.2");
        other = make("kt-other", "192.0.2.3");
        rtnetlink.addAddress(tunnel, ip("198.51.100.1"), Optional.empty(), 24, OptionalInt.empty());
        rtnetlink.addAddress(tunnel, ip("2001:db8:1::1"), Optional.empty(), 64, OptionalInt.empty());
        rtnetlink.addAddress(other, ip("2001:db8:2::1"), Optional.empty(), 64, OptionalInt.empty());
    }

    @AfterEach
    void removeTunnelsAndClose() {
        removeTunnels();
        tunnels.close();
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
                ip(destination),
                length,
                tunnel,
                Optional.ofNullable(gateway).map(RoutesKernelTest::ip),
                table,
                metric,
                OURS);
        RouteFilter filter = RouteFilter.of(AddressFamily.of(route.destination()));

        rtnetlink.addRoute(route);

        for (RouteFilter each : List.of(
                filter.withProtocol(OURS),
                filter.withOif(tunnel).withProtocol(OURS),
                filter.withTable(table).withProtocol(OURS))) {
            assertThat(rtnetlink.routes(each)).extracting(Route::deviceRoute).containsExactly(Optional.of(route));
        }
        assertThat(rtnetlink.routes(filter.withOif(tunnel)))
                .extracting(Route::deviceRoute)
                .contains(Optional.of(route));
        assertThat(rtnetlink.routes(filter.withOif(other).withProtocol(OURS))).isEmpty();
        assertThat(rtnetlink.routes(filter.withTable(77))).isEmpty();
        assertFails(Errno.EEXIST, () -> rtnetlink.addRoute(route));
        rtnetlink.deleteRoute(route);
        assertThat(rtnetlink.routes(filter.withProtocol(OURS))).isEmpty();
        assertFails(Errno.ESRCH, () -> rtnetlink.deleteRoute(route));
    }

    @ParameterizedTest
    @CsvSource({"10.1.0.0, 16, 198.51.100.9, 198.51.100.8", "2001:db8:8::, 48, 2001:db8:1::9, 2001:db8:1::8"})
    void a_route_that_differs_in_anything_that_was_said_is_not_deleted(
            String destination, int length, String gateway, String otherGateway) {
        InetAddress to = ip(destination);
        Optional<InetAddress> through = Optional.of(ip(gateway));
        DeviceRoute route = new DeviceRoute(to, length, tunnel, through, TABLE, 50, OURS);
        rtnetlink.addRoute(route);

        List.of(
                        new DeviceRoute(to, length + 1, tunnel, through, TABLE, 50, OURS),
                        new DeviceRoute(to, length, other, through, TABLE, 50, OURS),
                        new DeviceRoute(to, length, tunnel, Optional.of(ip(otherGateway)), TABLE, 50, OURS),
                        new DeviceRoute(to, length, tunnel, through, MAIN, 50, OURS),
                        new DeviceRoute(to, length, tunnel, through, TABLE, 51, OURS),
                        new DeviceRoute(to, length, tunnel, through, TABLE, 50, OURS + 1))
                .forEach(wrong -> assertFails(Errno.ESRCH, () -> rtnetlink.deleteRoute(wrong)));

        assertThat(rtnetlink.routes(RouteFilter.of(AddressFamily.of(to)).withProtocol(OURS)))
                .extracting(Route::deviceRoute)
                .containsExactly(Optional.of(route));
        rtnetlink.deleteRoute(route);
    }

    @Test
    void without_a_metric_an_ipv4_deletion_takes_the_next_that_fits() {
        InetAddress to = ip("10.1.0.0");
        rtnetlink.addRoute(new DeviceRoute(to, 16, tunnel, Optional.of(ip("198.51.100.9")), MAIN, 50, OURS));

        rtnetlink.deleteRoute(new DeviceRoute(to, 16, tunnel, Optional.empty(), MAIN, 0, OURS));

        assertThat(rtnetlink.routes(RouteFilter.of(AddressFamily.IPV4).withProtocol(OURS)))
                .isEmpty();
    }

    @Test
    void an_ipv6_deletion_goes_by_the_kernels_own_metric_where_none_is_said() {
        InetAddress to = ip("2001:db8:8::");
        DeviceRoute route = new DeviceRoute(to, 48, tunnel, Optional.empty(), MAIN, 50, OURS);
        rtnetlink.addRoute(route);

        assertFails(
                Errno.ESRCH,
                () -> rtnetlink.deleteRoute(new DeviceRoute(to, 48, tunnel, Optional.empty(), MAIN, 0, OURS)));

        rtnetlink.deleteRoute(route);
    }

    @Test
    void a_foreign_route_of_the_same_destination_and_metric_stays() throws Exception {
        command("route add 10.1.0.0/16 dev kt-other metric 50");
        DeviceRoute route = new DeviceRoute(ip("10.1.0.0"), 16, tunnel, Optional.empty(), MAIN, 50, OURS);

        assertFails(Errno.EEXIST, () -> rtnetlink.addRoute(route));

        assertThat(rtnetlink.routes(RouteFilter.of(AddressFamily.IPV4).withOif(other)))
                .extracting(Route::destination)
                .contains(ip("10.1.0.0"));
    }

    @ParameterizedTest
    @CsvSource({"IPV4, 10.2.0.0/16, via 198.51.100.9, ''", "IPV6, 2001:db8:9::/48, via 2001:db8:1::9, via 2001:db8:2::9"
    })
    void a_foreign_multipath_route_is_seen_from_each_of_its_interfaces(
            AddressFamily family, String destination, String first, String second) throws Exception {
        command("route add " + destination + " proto 77 nexthop " + first
                + " dev kt-routes nexthop " + second
                + " dev kt-other weight 2");

        for (int ifindex : List.of(tunnel, other)) {
            assertThat(rtnetlink.routes(RouteFilter.of(family).withOif(ifindex).withProtocol(77)))
                    .singleElement()
                    .satisfies(route -> {
                        assertThat(route.nextHops()).hasSize(2);
                        assertThat(route.leadsOutOf(tunnel) && route.leadsOutOf(other))
                                .isTrue();
                        assertThat(route.deviceRoute()).isEmpty();
                    });
        }
    }

    @Test
    void routes_of_an_interface_that_is_not_there_are_none() {
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
        DeviceRoute route = new DeviceRoute(ip(destination), length, tunnel, Optional.empty(), MAIN, 42, OURS);
        rtnetlink.addRoute(route);

        for (OptionalInt oif : List.of(OptionalInt.empty(), OptionalInt.of(tunnel))) {
            assertThat(rtnetlink.matchedRoute(ip(address), oif))
                    .flatMap(Route::deviceRoute)
                    .hasValue(route);
        }
        assertThat(rtnetlink.matchedRoute(ip(address), OptionalInt.of(other)).flatMap(Route::deviceRoute))
                .isNotEqualTo(Optional.of(route));
    }

    @Test
    void where_nothing_leads_there_no_entry_decides() throws Exception {
        command("route add unreachable 10.3.0.0/16");
        command("route add blackhole 10.4.0.0/16");
        command("route add prohibit 2001:db8:a::/48");
        try {
            for (String address : List.of("203.0.113.1", "10.3.0.1", "10.4.0.1", "2001:db9::1", "2001:db8:a::1")) {
                assertThat(rtnetlink.matchedRoute(ip(address), OptionalInt.empty()))
                        .as(address)
                        .isEmpty();
            }
        } finally {
            command("route del 10.3.0.0/16");
            command("route del 10.4.0.0/16");
            command("route del 2001:db8:a::/48");
        }
    }

    @Test
    void nothing_leads_out_of_an_interface_that_is_gone() {
        OptionalInt gone = OptionalInt.of(4711);
        for (String address : List.of("203.0.113.1", "2001:db8:1::9")) {
            assertThat(rtnetlink.route(ip(address), gone)).as(address).isEmpty();
            assertThat(rtnetlink.matchedRoute(ip(address), gone)).as(address).isEmpty();
        }
    }

    @Test
    void an_address_of_ones_own_is_decided_by_the_local_table() {
        for (String address : List.of("198.51.100.1", "2001:db8:1::1")) {
            assertThat(rtnetlink.matchedRoute(ip(address), OptionalInt.empty()))
                    .map(Route::table)
                    .hasValue(255);
        }
    }

    @Test
    void rules_are_listed_of_each_family() throws Exception {
        command("rule add pref 77 fwmark 7 table 1000");
        command("-6 rule add pref 78 table 1000");
        try {
            assertThat(rtnetlink.rules(AddressFamily.IPV4))
                    .contains(
                            new Rule(AddressFamily.IPV4, 77, RuleAction.TO_TABLE, TABLE, true),
                            new Rule(AddressFamily.IPV4, 32766, RuleAction.TO_TABLE, MAIN, false));
            assertThat(rtnetlink.rules(AddressFamily.IPV6))
                    .contains(
                            new Rule(AddressFamily.IPV6, 78, RuleAction.TO_TABLE, TABLE, false),
                            new Rule(AddressFamily.IPV6, 32766, RuleAction.TO_TABLE, MAIN, false));
        } finally {
            command("rule del pref 77");
            command("-6 rule del pref 78");
        }
    }

    private int make(String name, String remote) {
        tunnels.add(
                "tunl0",
                new IpTunnelParm(
                        name, 1, 0, 0, 0, 4, Inet4Address.ofLiteral("192.0.2.1"), Inet4Address.ofLiteral(remote)));
        int index = rtnetlink.link(name).orElseThrow().index();
        rtnetlink.setLink(index, LinkChange.NONE.withUp(true));
        return index;
    }

    private void removeTunnels() {
        List.of("kt-routes", "kt-other")
                .forEach(name -> rtnetlink.link(name).ifPresent(link -> rtnetlink.deleteLink(link.index())));
    }

    private static void assertFails(Errno errno, Runnable request) {
        assertThatExceptionOfType(NetlinkException.class)
                .isThrownBy(request::run)
                .satisfies(e -> assertThat(e.errno()).isEqualTo(errno));
    }

    /** By iproute2, as somebody else would. */
    private static void command(String words) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(("ip " + words).split(" +")).inheritIO().start();
        assertThat(process.waitFor()).as(words).isZero();
    }

    private static InetAddress ip(String literal) {
        return InetAddress.ofLiteral(literal);
    }
}
