package dev.iptunnel.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.netlink.link.InetConf;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.netlink.message.NetlinkMessage;
import dev.iptunnel.netlink.route.Address;
import dev.iptunnel.netlink.route.Route;
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

class RtnetlinkTest {
    private final ScriptedTransport transport = new ScriptedTransport();
    private final Rtnetlink rtnetlink = new Rtnetlink(transport);

    @Test
    void a_link_is_looked_up_by_name_as_iproute2_does_it() {
        Capture capture = Capture.of("link-ipip1");
        transport.answering(capture);

        Optional<Link> link = rtnetlink.link("ipip1");

        assertThat(link).map(Link::index).hasValue(6);
        // iproute2 also sends the mask before the name, and asks for virtual functions as well
        byte[] expected = capture.sent().getFirst().clone();
        ByteBuffer.wrap(expected).order(ByteOrder.nativeOrder()).putInt(36, 8);
        assertThat(body(transport.sent.getFirst())).isEqualTo(body(expected));
    }

    @Test
    void a_missing_link_is_empty() {
        transport.answering(Capture.of("link-missing"));

        assertThat(rtnetlink.link("nosuch")).isEmpty();
    }

    @Test
    void a_dump_of_several_datagrams_is_one_list() {
        Capture capture = Capture.of("links-ipip");
        transport.answering(capture);

        List<Link> links = rtnetlink.links("ipip");

        assertThat(capture.received()).hasSizeGreaterThan(1);
        assertThat(links).extracting(Link::name).containsExactly("tunl0", "ipip1", "any2");
        assertThat(transport.left()).isZero();
    }

    @Test
    void links_of_another_kind_are_left_out_when_the_kernel_did_not_filter() {
        transport.answering(Capture.of("links-ipip"));

        assertThat(rtnetlink.links("sit")).isEmpty();
    }

    @Test
    void addresses_of_iproute2_decode() throws Exception {
        transport.answering(Capture.of("addresses"));

        List<Address> addresses = rtnetlink.addresses();

        assertThat(addresses)
                .extracting(a -> a.address().getHostAddress() + "/" + a.prefixLength())
                .contains("127.0.0.1/8", "192.0.2.1/24", "198.51.100.1/30", "2001:db8:0:0:0:0:0:1/64")
                .hasSize(10);
        Address peer =
                addresses.stream().filter(a -> a.peer().isPresent()).findFirst().orElseThrow();
        assertThat(peer.address()).isEqualTo(InetAddress.ofLiteral("198.51.100.9"));
        assertThat(peer.peer()).hasValue(InetAddress.ofLiteral("198.51.100.10"));
        assertThat(peer.ifindex()).isEqualTo(6);
        assertThat(peer.tentative()).isFalse();
        assertThat(peer.secondary()).isFalse();
        assertThat(peer.label()).hasValue("ipip1");
        assertThat(peer.scope()).isZero();
        assertThat(peer.protocol()).isEmpty();
    }

    @Test
    void the_protocol_of_an_address_decodes() {
        transport.answering(Capture.of("addresses-proto"));

        assertThat(rtnetlink.addresses())
                .filteredOn(address -> address.protocol().equals(OptionalInt.of(0x99)))
                .extracting(address -> address.address().getHostAddress())
                .containsExactly("198.51.100.1");
    }

    @Test
    void an_address_whose_route_has_a_metric_decodes() {
        transport.answering(Capture.of("address-metric"));

        assertThat(rtnetlink.addresses())
                .filteredOn(address -> address.metric().equals(OptionalInt.of(55)))
                .extracting(address -> address.address().getHostAddress())
                .containsExactly("198.51.103.1");
    }

    @Test
    void an_address_is_added_as_iproute2_does_it() {
        Capture capture = Capture.of("add-address-peer");
        transport.answering(capture);

        rtnetlink
                .changes()
                .addAddress(
                        6,
                        InetAddress.ofLiteral("198.51.100.9"),
                        Optional.of(InetAddress.ofLiteral("198.51.100.10")),
                        32,
                        OptionalInt.empty());

        assertThat(body(transport.sent.getFirst()))
                .isEqualTo(body(capture.sent().getFirst()));
    }

    @Test
    void an_ipv6_address_is_added_as_iproute2_does_it() {
        Capture capture = Capture.of("add-address6");
        transport.answering(capture);

        rtnetlink
                .changes()
                .addAddress(9, InetAddress.ofLiteral("2001:db8:ffff::1"), Optional.empty(), 64, OptionalInt.empty());

        assertThat(body(transport.sent.getFirst()))
                .isEqualTo(body(capture.sent().getFirst()));
    }

    @Test
    void an_address_that_exists_is_eexist() {
        transport.answering(Capture.of("add-address-twice"));

        assertThatExceptionOfType(NetlinkException.class)
                .isThrownBy(() -> rtnetlink
                        .changes()
                        .addAddress(
                                9,
                                InetAddress.ofLiteral("2001:db8:ffff::1"),
                                Optional.empty(),
                                64,
                                OptionalInt.empty()))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EEXIST))
                .withMessageStartingWith("RTM_NEWADDR: EEXIST (File exists)");
    }

    @Test
    void an_alias_is_set_as_iproute2_does_it() {
        Capture capture = Capture.of("set-alias");
        transport.answering(capture);

        rtnetlink.changes().setLink(6, LinkChanges.alias("iptunnel example alias"));

        assertThat(withoutType(transport.sent.getFirst()))
                .isEqualTo(withoutType(capture.sent().getFirst()));
    }

    @Test
    void an_mtu_is_set_as_iproute2_does_it() {
        Capture capture = Capture.of("set-mtu");
        transport.answering(capture);

        rtnetlink.changes().setLink(6, LinkChanges.mtu(1400));

        assertThat(withoutType(transport.sent.getFirst()))
                .isEqualTo(withoutType(capture.sent().getFirst()));
    }

    /** Composed from linux/if_link.h: iproute2 cannot do it. */
    @Test
    void a_reverse_path_filter_is_set_within_nested_attributes() {
        transport.answering(Capture.of("set-mtu"));

        rtnetlink.changes().setInetConf(6, InetConf.RP_FILTER, 2);

        byte[] request = transport.sent.getFirst();
        assertThat(HexFormat.of().formatHex(request, 32, request.length))
                .isEqualTo("14001a80" + "10000280" + "0c000180" + "0800080002000000");
    }

    @Test
    void a_link_is_brought_up_as_iproute2_does_it() {
        Capture capture = Capture.of("set-up");
        transport.answering(capture);

        rtnetlink.changes().setLink(6, LinkChanges.up());

        assertThat(withoutType(transport.sent.getFirst()))
                .isEqualTo(withoutType(capture.sent().getFirst()));
    }

    @Test
    void the_explanation_of_the_kernel_is_in_the_exception() {
        transport.answering(Capture.of("ext-ack-mtu"));

        assertThatExceptionOfType(NetlinkException.class)
                .isThrownBy(() -> rtnetlink.changes().setLink(6, LinkChanges.mtu(9_999_999)))
                .withMessage("RTM_SETLINK: EINVAL (Invalid argument): mtu greater than device maximum")
                .satisfies(e -> assertThat(e.explanation()).hasValue("mtu greater than device maximum"));
    }

    @Test
    void the_explanation_of_the_kernel_is_found_behind_a_capped_request() {
        byte[] whole = Capture.of("ext-ack-mtu").received().getFirst();
        ByteBuffer capped = ByteBuffer.allocate(36 + 36).order(ByteOrder.nativeOrder());
        capped.put(0, whole, 0, 36).put(36, whole, 60, 36);
        capped.putInt(0, capped.capacity())
                .putShort(6, (short) (NetlinkMessage.NLM_F_ACK_TLVS | NetlinkMessage.NLM_F_CAPPED));
        transport.answering(capped.array());

        assertThatExceptionOfType(NetlinkException.class)
                .isThrownBy(() -> rtnetlink.changes().setLink(6, LinkChanges.mtu(9_999_999)))
                .satisfies(e -> assertThat(e.explanation()).hasValue("mtu greater than device maximum"));
    }

    @Test
    void a_route_through_a_gateway_decodes() {
        Capture capture = Capture.of("route-gateway");
        transport.answering(capture);

        Route route = rtnetlink
                .route(InetAddress.ofLiteral("203.0.113.7"), OptionalInt.empty())
                .orElseThrow();

        assertThat(body(transport.sent.getFirst()))
                .isEqualTo(body(capture.sent().getFirst()));
        assertThat(route.type()).isEqualTo(RouteType.UNICAST);
        assertThat(route.oif()).hasValue(5);
        assertThat(route.gateway()).hasValue(InetAddress.ofLiteral("192.0.2.254"));
        assertThat(route.preferredSource()).hasValue(InetAddress.ofLiteral("192.0.2.1"));
        assertThat(route.table()).isEqualTo(254);
        assertThat(route.mtu()).hasValue(1300);
    }

    @Test
    void an_ipv6_route_has_a_metric() {
        transport.answering(Capture.of("route-gateway6"));

        Route route = rtnetlink
                .route(InetAddress.ofLiteral("2001:db8:5::7"), OptionalInt.empty())
                .orElseThrow();

        assertThat(route.metric()).hasValue(77);
        assertThat(route.mtu()).hasValue(1333);
        assertThat(route.gateway()).hasValue(InetAddress.ofLiteral("2001:db8::fe"));
        assertThat(route.preferredSource()).hasValue(InetAddress.ofLiteral("2001:db8::1"));
    }

    @Test
    void a_route_to_an_address_of_the_node_is_local() {
        transport.answering(Capture.of("route-local"));

        assertThat(rtnetlink.route(InetAddress.ofLiteral("192.0.2.1"), OptionalInt.empty()))
                .map(Route::type)
                .hasValue(RouteType.LOCAL);
    }

    @Test
    void a_route_out_of_an_interface_is_asked_for_as_iproute2_does_it() {
        Capture capture = Capture.of("route-oif");
        transport.answering(capture);

        rtnetlink.route(InetAddress.ofLiteral("192.0.2.77"), OptionalInt.of(5));

        assertThat(body(transport.sent.getFirst()))
                .isEqualTo(body(capture.sent().getFirst()));
    }

    @Test
    void a_route_of_packets_with_a_source_is_asked_for_as_iproute2_does_it() {
        Capture capture = Capture.of("route-from");
        transport.answering(capture);

        Optional<Route> route = rtnetlink.routeFrom(
                InetAddress.ofLiteral("192.0.2.1"), InetAddress.ofLiteral("192.0.2.77"), OptionalInt.of(5));

        assertThat(body(transport.sent.getFirst()))
                .isEqualTo(body(capture.sent().getFirst()));
        assertThat(route).map(Route::oif).hasValue(OptionalInt.of(5));
    }

    @Test
    void there_is_no_route_where_packets_are_dropped_or_no_route_matches() {
        InetAddress anywhere = InetAddress.ofLiteral("198.18.1.1");
        for (String capture : List.of("route-none", "route-unreachable", "route-blackhole", "route-prohibit")) {
            transport.answering(Capture.of(capture));

            assertThat(rtnetlink.route(anywhere, OptionalInt.empty()))
                    .as(capture)
                    .isEmpty();
        }
    }

    /** Type, flags, and everything from the fixed part on. */
    private static List<Object> body(byte[] request) {
        ByteBuffer buffer = ByteBuffer.wrap(request).order(ByteOrder.nativeOrder());
        return List.of(buffer.getInt(0), buffer.getShort(4), buffer.getShort(6), withoutType(request));
    }

    /** iproute2 sends RTM_NEWLINK where RTM_SETLINK does. */
    private static String withoutType(byte[] request) {
        return Arrays.toString(Arrays.copyOfRange(request, NetlinkMessage.HEADER, request.length));
    }
}
