package dev.iptunnel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.kernel.read.ObservedRoutes;
import dev.iptunnel.libc.NetlinkSocket;
import dev.iptunnel.libc.SocketFilter;
import dev.iptunnel.netlink.NetlinkWatch;
import dev.iptunnel.netlink.Notification;
import dev.iptunnel.netlink.message.MulticastGroup;
import dev.iptunnel.netlink.route.Route;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which routes the kernel tells of, behind the socket filter. */
@Tag("kernel")
class RouteFilterKernelTest {
    /** In 32 bits unlike those of the parents, whose own routes the kernel may make a moment later. */
    private static final List<InetAddress> OUTER =
            List.of(InetAddress.ofLiteral("203.0.113.77"), InetAddress.ofLiteral("3fff:77::1"));

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    @ParameterizedTest
    @CsvSource({
        "add 203.0.113.0/24, true",
        "add 203.0.113.77/32, true",
        "add 128.0.0.0/1, true",
        "add default, true",
        "add 203.0.113.128/25, false",
        "add 203.0.113.76/32, false",
        "add 0.0.0.0/1, true",
        "add 64.0.0.0/2, true",
        "add 10.0.0.0/7, true",
        "add 10.0.0.0/8, false",
        "add 198.18.0.0/15, false",
        "add 198.18.0.0/15 proto 173, true",
        "add 3fff:77::/48, true",
        "add 3fff::/20, true",
        "add 3fff:77::1/128, true",
        "add 2000::/3, true",
        "add ::/0, true",
        "add 4000::/3, true",
        "add fc00::/7, true",
        "add 3fff:78::/32, false",
        "add fd00::/8, false",
        "add fd12::/64 proto 173, true",
    })
    void a_route_is_told_where_it_may_lead_to_an_outer_address(String command, boolean told) {
        try (NetlinkWatch watch = watch(OUTER)) {
            Iproute2.run("ip route " + command + " dev under0");

            assertThat(routes(watch)).hasSize(told ? 1 : 0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"198.18.0.0/15", "3fff:9::/48"})
    void a_route_that_replaces_another_is_told_whoever_does_it(String destination) {
        Iproute2.run("ip route add " + destination + " dev under0");
        try (NetlinkWatch watch = watch(List.of())) {
            Iproute2.run("ip route replace " + destination + " dev under1");

            assertThat(routes(watch)).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {750, 1000})
    void of_more_addresses_than_there_is_room_for_less_bits_are_compared(int count) {
        List<InetAddress> many = IntStream.range(0, count)
                .mapToObj(i -> InetAddress.ofLiteral("10.1." + i / 250 + "." + (i % 250 + 1)))
                .toList();
        try (NetlinkWatch watch = watch(many)) {
            Iproute2.batch("route add 198.18.0.0/15 dev under0", "route add 10.1.0.254/32 dev under0");

            assertThat(routes(watch))
                    .singleElement()
                    .extracting(route -> route.destination().getHostAddress())
                    .isEqualTo("10.1.0.254");
        }
    }

    @Test
    void as_many_addresses_as_there_is_room_for_are_told_apart() {
        List<InetAddress> many = IntStream.range(0, 200)
                .mapToObj(i -> InetAddress.ofLiteral("10.1." + i / 250 + "." + (i % 250 + 1)))
                .toList();
        try (NetlinkWatch watch = watch(many)) {
            Iproute2.batch("route add 198.18.0.0/15 dev under0", "route add 10.1.0.200/32 dev under0");

            assertThat(routes(watch))
                    .singleElement()
                    .extracting(route -> route.destination().getHostAddress())
                    .isEqualTo("10.1.0.200");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "198.18.0.0/15 dev under1, true",
        "3fff:9::/48 dev under1, true",
        "198.18.0.0/15 dev under0, false",
        "3fff:9::/48 dev under0, false",
    })
    void a_route_out_of_an_interface_that_is_followed_is_told(String route, boolean told) {
        try (NetlinkWatch watch = watch(List.of(), List.of(Iproute2.ifindex("under1")))) {
            Iproute2.run("ip route add " + route);

            assertThat(routes(watch)).hasSize(told ? 1 : 0);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "198.18.0.0/16, 198.18.0.0/16, true",
        "198.18.0.0/16, 198.18.7.0/24, true",
        "198.18.0.0/16, 198.18.255.255/32, true",
        "198.18.0.0/16, 198.18.0.0/15, true",
        "198.18.0.0/16, 198.19.0.0/16, false",
        "198.18.7.0/24, 198.18.6.0/24, false",
        "198.18.7.7/32, 198.18.7.7/32, true",
        "198.18.7.7/32, 198.18.7.6/32, false",
        "0.0.0.0/0, 198.18.7.0/24, false",
        "3fff:9::/48, 3fff:9::/64, true",
        "3fff:9::/32, 3fff:9:1::/48, true",
        "3fff:9::/32, 3fff::/20, true",
        "3fff:9::/48, 3fff:a::/48, false",
        "::/0, 3fff:a::/48, false",
    })
    void a_route_that_shares_addresses_with_a_network_that_is_followed_is_told(
            String network, String route, boolean told) {
        String[] parts = network.split("/", -1);
        try (NetlinkWatch watch = watch(
                List.of(),
                List.of(),
                List.of(new SocketFilter.Network(InetAddress.ofLiteral(parts[0]), Integer.parseInt(parts[1]))))) {
            Iproute2.run("ip route add " + route + " dev under0");

            assertThat(routes(watch)).hasSize(told ? 1 : 0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 300, 1000, 40_000})
    void of_more_networks_than_there_is_room_for_less_bits_are_compared(int count) {
        List<SocketFilter.Network> many = IntStream.range(0, count)
                .mapToObj(i ->
                        new SocketFilter.Network(InetAddress.ofLiteral("10." + i / 256 + "." + i % 256 + ".0"), 24))
                .toList();
        try (NetlinkWatch watch = watch(List.of(), List.of(), many)) {
            Iproute2.batch("route add 198.18.0.0/15 dev under0", "route add 10.0.100.128/25 dev under0");

            assertThat(routes(watch))
                    .singleElement()
                    .extracting(route -> route.destination().getHostAddress())
                    .isEqualTo("10.0.100.128");
        }
    }

    private static NetlinkWatch watch(List<InetAddress> destinations) {
        return watch(destinations, List.of());
    }

    private static NetlinkWatch watch(List<InetAddress> destinations, List<Integer> interfaces) {
        return watch(destinations, interfaces, List.of());
    }

    private static NetlinkWatch watch(
            List<InetAddress> destinations, List<Integer> interfaces, List<SocketFilter.Network> networks) {
        return new NetlinkWatch(NetlinkSocket.open(
                SocketFilter.routes(List.of(ObservedRoutes.PROTOCOL), destinations, interfaces, networks),
                MulticastGroup.IPV4_ROUTE,
                MulticastGroup.IPV6_ROUTE));
    }

    /** The kernel has told when the command is done. Of routes to its own addresses it may tell later. */
    private static List<Route> routes(NetlinkWatch watch) {
        List<Route> routes = new ArrayList<>();
        while (true) {
            Optional<Notification> next = watch.next(Duration.ZERO);
            if (next.isEmpty()) {
                return routes;
            }
            if (next.get() instanceof Notification.RouteAdded(Route route, boolean ignored)
                    && route.protocol() != ObservedRoutes.KERNEL_PROTOCOL) {
                routes.add(route);
            }
        }
    }
}
