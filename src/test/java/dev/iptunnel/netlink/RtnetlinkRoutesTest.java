package dev.iptunnel.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.message.MessageBuilder;
import dev.iptunnel.netlink.message.MessageType;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.netlink.message.NetlinkMessage;
import dev.iptunnel.netlink.route.DeviceRoute;
import dev.iptunnel.netlink.route.NextHop;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.netlink.route.RouteAttribute;
import dev.iptunnel.netlink.route.RouteDecoder;
import dev.iptunnel.netlink.route.RouteFilter;
import dev.iptunnel.netlink.route.RouteType;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class RtnetlinkRoutesTest {
    private static final int DUM0 = 5;
    private static final int DUM1 = 6;
    private static final int PROTOCOL = 153;
    private static final int RTMSG = 12;
    /** The size of the attribute. */
    private static final int RTA_TABLE = 8;

    private static final DeviceRoute THROUGH_GATEWAY =
            new DeviceRoute(ip("198.51.101.0"), 24, DUM0, Optional.of(ip("192.0.2.254")), 100, 50, PROTOCOL);

    private final ScriptedTransport transport = new ScriptedTransport();
    private final Rtnetlink rtnetlink = new Rtnetlink(transport);

    @Test
    void a_route_on_the_link_is_added_as_iproute2_does_it() {
        Capture capture = answering("add-route");

        rtnetlink
                .changes()
                .addRoute(new DeviceRoute(ip("198.51.100.0"), 24, DUM0, Optional.empty(), 1000, 50, PROTOCOL));

        assertThat(sent()).isEqualTo(first(capture));
    }

    @Test
    void a_route_through_a_gateway_is_added_as_iproute2_does_it() {
        Capture capture = answering("add-route-gateway");

        rtnetlink.changes().addRoute(THROUGH_GATEWAY);

        assertThat(sent()).isEqualTo(first(capture));
    }

    @Test
    void a_default_route_is_added_as_iproute2_does_it() {
        Capture capture = answering("add-route-default");

        rtnetlink.changes().addRoute(new DeviceRoute(ip("0.0.0.0"), 0, DUM0, Optional.empty(), 100, 0, PROTOCOL));

        assertThat(sent()).isEqualTo(first(capture));
    }

    @Test
    void an_ipv6_route_is_added_as_iproute2_does_it() {
        Capture capture = answering("add-route6");

        rtnetlink
                .changes()
                .addRoute(new DeviceRoute(
                        ip("2001:db8:5::"), 48, DUM0, Optional.of(ip("2001:db8::fe")), 254, 77, PROTOCOL));

        assertThat(sent()).isEqualTo(first(capture));
    }

    @Test
    void a_route_is_deleted_as_iproute2_does_it_but_with_its_type() {
        Capture capture = answering("del-route");

        rtnetlink.changes().deleteRoute(THROUGH_GATEWAY);

        byte[] expected = capture.sent().getFirst().clone();
        expected[NetlinkMessage.HEADER + 7] = 1;
        assertThat(sent()).isEqualTo(message(expected));
    }

    @Test
    void a_missing_route_is_esrch() {
        answering("del-route-twice");

        assertThatExceptionOfType(NetlinkException.class)
                .isThrownBy(() -> rtnetlink.changes().deleteRoute(THROUGH_GATEWAY))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ESRCH))
                .withMessageStartingWith("RTM_DELROUTE: ESRCH");
    }

    @Test
    void routes_of_an_interface_are_listed_as_iproute2_does_it_but_in_all_tables() {
        Capture capture = answering("routes-oif");

        List<Route> routes = rtnetlink.routes(RouteFilter.of(AddressFamily.IPV4).withOif(DUM0));

        assertThat(sent()).isEqualTo(withoutTable(capture));
        assertThat(routes)
                .extracting(Routes::deviceRoute)
                .containsExactly(
                        new DeviceRoute(ip("0.0.0.0"), 0, DUM0, Optional.empty(), 100, 0, PROTOCOL), THROUGH_GATEWAY);
        assertThat(routes).allSatisfy(route -> assertThat(route.unknown()).isEmpty());
    }

    @Test
    void routes_of_a_protocol_are_listed_as_iproute2_does_it_but_in_all_tables() {
        Capture capture = answering("routes-protocol");

        List<Route> routes = rtnetlink.routes(RouteFilter.of(AddressFamily.IPV4).withProtocol(PROTOCOL));

        assertThat(sent()).isEqualTo(withoutTable(capture));
        assertThat(routes)
                .extracting(Routes::deviceRoute)
                .containsExactly(new DeviceRoute(ip("198.51.100.0"), 24, DUM0, Optional.empty(), 1000, 50, PROTOCOL));
    }

    @Test
    void routes_that_the_kernel_did_not_filter_are_left_out() {
        RouteFilter all = RouteFilter.of(AddressFamily.IPV4);
        for (RouteFilter filter : List.of(all.withOif(77), all.withProtocol(4), RouteFilter.of(AddressFamily.IPV6))) {
            answering("routes-oif");

            assertThat(rtnetlink.routes(filter)).as(filter.toString()).isEmpty();
        }
    }

    @Test
    void a_cached_route_is_left_out() {
        Capture capture = Capture.of("routes-oif");
        byte[] first = capture.received().getFirst().clone();
        ByteBuffer.wrap(first).order(ByteOrder.nativeOrder()).putInt(NetlinkMessage.HEADER + 8, 0x200);
        transport.answering(first).answering(capture.received().getLast());

        assertThat(rtnetlink.routes(RouteFilter.of(AddressFamily.IPV4))).hasSize(1);
    }

    /** Where the kernel does not have the family, it lists the routes of the others. */
    @Test
    void a_family_that_the_kernel_does_not_have_has_no_routes() {
        answering("routes-no-family");
        assertThat(rtnetlink.routes(RouteFilter.of(AddressFamily.IPV6))).isEmpty();

        answering("route-no-family");
        assertThat(rtnetlink.matchedRoute(ip("2001:db8::1"), OptionalInt.empty()))
                .isEmpty();
    }

    @Test
    void a_multipath_route_leads_out_of_each_of_its_interfaces() {
        answering("routes-multipath");

        List<Route> routes = rtnetlink.routes(RouteFilter.of(AddressFamily.IPV4).withOif(DUM1));

        Route multipath = routes.getFirst();
        assertThat(multipath.destination()).isEqualTo(ip("198.51.102.0"));
        assertThat(multipath.nextHops())
                .containsExactly(
                        new NextHop(DUM0, Optional.of(ip("192.0.2.9")), 3), new NextHop(DUM1, Optional.empty(), 1));
        assertThat(multipath.leadsOutOf(DUM0)).isTrue();
        assertThat(multipath.leadsOutOf(7)).isFalse();
        assertThat(multipath.oif()).isEmpty();
        assertThat(routes.getLast().oif()).hasValue(DUM1);
    }

    @Test
    void an_ipv6_multipath_route_decodes() {
        answering("routes6-multipath");

        List<Route> routes = rtnetlink.routes(RouteFilter.of(AddressFamily.IPV6).withOif(DUM1));

        assertThat(routes)
                .filteredOn(route -> !route.nextHops().isEmpty())
                .singleElement()
                .extracting(Route::nextHops)
                .isEqualTo(List.of(
                        new NextHop(DUM0, Optional.of(ip("2001:db8::9")), 1),
                        new NextHop(DUM1, Optional.of(ip("2001:db8:1::9")), 2)));
        assertThat(routes).allSatisfy(route -> assertThat(route.unknown()).isEmpty());
    }

    /** Composed from linux/rtnetlink.h. */
    @Test
    void a_next_hop_that_is_cut_off_is_malformed() {
        ByteBuffer cut =
                ByteBuffer.wrap(HexFormat.of().parseHex("1000000205000000")).order(ByteOrder.nativeOrder());

        assertThatExceptionOfType(NetlinkException.class)
                .isThrownBy(() -> NextHop.decode(cut))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EBADMSG));
    }

    @Test
    void the_next_hop_object_of_a_route_decodes() {
        byte[] datagram = new MessageBuilder(MessageType.RTM_NEWROUTE, 0)
                .u8(AddressFamily.IPV4.number)
                .u8(0)
                .u16(0)
                .u32(0x01000000)
                .u32(0)
                .attribute(RouteAttribute.RTA_OIF, DUM0)
                .attribute(30, 7)
                .build(1);

        Route route = RouteDecoder.decode(NetlinkMessage.split(datagram).getFirst());

        assertThat(route.type()).isEqualTo(RouteType.UNICAST);
        assertThat(route.nextHopId()).hasValue(7);
    }

    @Test
    void the_entry_that_decides_is_asked_for_as_iproute2_does_it() {
        Capture capture = answering("match-route");

        Route route =
                rtnetlink.matchedRoute(ip("10.1.2.3"), OptionalInt.empty()).orElseThrow();

        assertThat(sent()).isEqualTo(first(capture));
        assertThat(route.destination()).isEqualTo(ip("10.0.0.0"));
        assertThat(route.prefixLength()).isEqualTo(8);
        assertThat(route.metric()).hasValue(42);
        assertThat(route.table()).isEqualTo(254);
        assertThat(route.protocol()).isEqualTo(3);
        assertThat(route.cloned()).isFalse();
    }

    @Test
    void the_ipv6_entry_that_decides_is_asked_for_as_iproute2_does_it() {
        Capture capture = answering("match-route6");

        Route route =
                rtnetlink.matchedRoute(ip("2001:db8:6::7"), OptionalInt.empty()).orElseThrow();

        assertThat(sent()).isEqualTo(first(capture));
        assertThat(Routes.deviceRoute(route))
                .isEqualTo(new DeviceRoute(ip("2001:db8:6::"), 48, DUM0, Optional.of(ip("2001:db8::fe")), 254, 77, 3));
    }

    @Test
    void an_ipv6_route_without_a_metric_gets_the_metric_of_the_kernel() {
        DeviceRoute route = new DeviceRoute(ip("2001:db8:6::"), 48, DUM0, Optional.empty(), 254, 0, PROTOCOL);

        assertThat(route.metric()).isEqualTo(1024);
    }

    private Capture answering(String name) {
        Capture capture = Capture.of(name);
        transport.answering(capture);
        return capture;
    }

    private String sent() {
        return message(transport.sent.getLast());
    }

    private static String first(Capture capture) {
        return message(capture.sent().getFirst());
    }

    /** iproute2 asks for one table, in an attribute that comes first, and leaves out the others itself. */
    private static String withoutTable(Capture capture) {
        byte[] request = capture.sent().getFirst();
        int attribute = NetlinkMessage.HEADER + RTMSG;
        byte[] without = ByteBuffer.allocate(request.length - RTA_TABLE)
                .put(request, 0, attribute)
                .put(request, attribute + RTA_TABLE, request.length - attribute - RTA_TABLE)
                .array();
        ByteBuffer length = ByteBuffer.wrap(without).order(ByteOrder.nativeOrder());
        length.putInt(0, length.getInt(0) - RTA_TABLE);
        return message(without);
    }

    /** Without sequence and port; iproute2 sends zeros after a dump request, which do not belong to it. */
    private static String message(byte[] datagram) {
        ByteBuffer buffer = ByteBuffer.wrap(datagram.clone()).order(ByteOrder.nativeOrder());
        buffer.putLong(8, 0);
        return HexFormat.of().formatHex(Arrays.copyOf(buffer.array(), buffer.getInt(0)));
    }

    private static InetAddress ip(String literal) {
        return InetAddress.ofLiteral(literal);
    }
}
