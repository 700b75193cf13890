package dev.iptunnel.kernel.watch;

import static dev.iptunnel.netlink.SimulatedRtnetlink.notification;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.iptunnel.kernel.KernelEvent;
import dev.iptunnel.kernel.KernelEvent.LinkChanged;
import dev.iptunnel.kernel.KernelEvent.RouteChanged;
import dev.iptunnel.kernel.read.Guards;
import dev.iptunnel.kernel.read.ObservedRoutes;
import dev.iptunnel.netlink.Notification;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.SimulatedRtnetlink;
import dev.iptunnel.netlink.SimulatedRtnetlink.Interface;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.message.AddressFamily;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.netlink.route.Address;
import dev.iptunnel.observation.NodeLookup.OuterQuery;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every change is reported, even where the cache had read it before. */
class KernelCacheTest {
    private static final InetAddress LOCAL = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress INNER = InetAddress.ofLiteral("10.9.0.0");
    /** IFA_F_TENTATIVE. */
    private static final int TENTATIVE = 0x40;

    private static final int BIRD = 12;

    private final Interface eth0 = new Interface(2, "eth0", false);
    private final Interface wlan0 = new Interface(3, "wlan0", false);
    private final Interface tun = new Interface(7, "tun", true);

    private final SimulatedRtnetlink kernel = new SimulatedRtnetlink().with(eth0, wlan0, tun);
    private final KernelCache cache = new KernelCache(
            new Rtnetlink(kernel), new Guards(List.of(), List.of()), new EveryRouteFollowed(), System::nanoTime);

    @BeforeEach
    void list() {
        kernel.addresses.put(2, List.of(LOCAL));
        kernel.addresses.put(7, List.of(InetAddress.ofLiteral("10.9.0.1")));
        kernel.routes.add(SimulatedRtnetlink.route(true, 7, INNER, 16, ObservedRoutes.PROTOCOL));
        cache.list();
    }

    private List<KernelEvent> apply(byte[] message) {
        return cache.apply(notification(message));
    }

    static Stream<UnaryOperator<Interface>> changes() {
        return Stream.of(
                link -> link.withMtu(1300),
                link -> link.withName("other"),
                link -> link.withFlags(0),
                link -> link.withAlias("somebodys"),
                link -> link.withAlternativeNames("lan"));
    }

    @ParameterizedTest
    @MethodSource("changes")
    void a_change_that_was_read_before_its_notification_came_is_reported(UnaryOperator<Interface> change) {
        // given
        Interface changed = change.apply(tun);
        kernel.with(changed);
        cache.forget("tun");
        Link read = cache.link(7).orElseThrow();

        // when
        List<KernelEvent> events = apply(changed.message());

        // then
        assertThat(read).isEqualTo(kernel.links().getLast());
        assertThat(events).contains(new LinkChanged("tun", true), new LinkChanged(changed.name(), true));
    }

    @Test
    void a_deletion_that_was_read_before_its_notification_came_is_reported() {
        // given
        kernel.interfaces.remove(7);
        cache.forget("tun");
        assertThat(cache.link("tun")).isEmpty();

        // when
        List<KernelEvent> events = apply(tun.deletion());

        // then
        assertThat(events).contains(new LinkChanged("tun", true));
    }

    @Test
    void routes_and_addresses_go_with_a_link_that_was_read_as_down_before_its_notification_came() {
        // given
        cache.apply(new Notification.InetConfChanged(7));
        kernel.with(tun.withFlags(0));
        kernel.routes.clear();
        cache.link(7);

        // when
        apply(tun.withFlags(0).message());

        // then
        assertThat(cache.routes(AddressFamily.IPV4, 7)).isEmpty();
    }

    @Test
    void a_change_without_a_notification_is_reported_by_the_comparison_even_if_it_was_read() {
        // given
        kernel.with(tun.withFlags(0));
        apply(tun.withFlags(0).message());
        kernel.with(tun.withFlags(0).withMtu(1300));
        cache.link("tun");

        // when
        List<KernelEvent> events = cache.compare();

        // then
        assertThat(events).containsExactly(new LinkChanged("tun", true));
        assertThat(cache.compare()).isEmpty();
    }

    @Test
    void after_a_comparison_that_failed_half_way_the_next_one_reports_everything() {
        // given
        kernel.with(eth0.withMtu(9000));
        kernel.failAddresses();
        assertThatExceptionOfType(NetlinkException.class).isThrownBy(cache::compare);

        // when
        List<KernelEvent> events = cache.compare();

        // then
        assertThat(events).containsExactly(new LinkChanged("eth0", false));
    }

    @Test
    void after_a_comparison_of_outer_routes_that_failed_half_way_the_next_one_reports_everything() {
        // given
        outerRoute();
        cache.apply(new Notification.RulesChanged());
        kernel.failRoutes();
        assertThatExceptionOfType(NetlinkException.class).isThrownBy(cache::compareOuterRoutes);

        // when
        List<KernelEvent> events = cache.compareOuterRoutes();

        // then
        assertThat(events).containsExactly(new RouteChanged(IpPrefix.parse(IpFamily.IPV4, "203.0.113.1/32")));
    }

    private void outerRoute() {
        cache.outerRoute(new OuterQuery(LOCAL, InetAddress.ofLiteral("203.0.113.1"), OptionalInt.empty()));
    }

    /** The kernel removes an interface's IPv4 routes, with those to its own addresses, without a notification. */
    @Test
    void a_local_address_on_an_interface_that_goes_down_concerns_its_tunnel() {
        // given
        outerRoute();

        // when
        List<KernelEvent> events = apply(eth0.withFlags(0).message());

        // then
        assertThat(events).contains(new RouteChanged(IpPrefix.parse(IpFamily.IPV4, "192.0.2.1/32")));
    }

    @Test
    void a_local_address_on_an_interface_that_is_deleted_concerns_its_tunnel() {
        // given
        outerRoute();

        // when
        List<KernelEvent> events = apply(eth0.deletion());

        // then
        assertThat(events).contains(new RouteChanged(IpPrefix.parse(IpFamily.IPV4, "192.0.2.1/32")));
    }

    @Test
    void an_address_that_went_is_forgotten_although_nobody_reads_its_interface() {
        // given
        outerRoute();
        cache.apply(new Notification.AddressAdded(localOfWlan(TENTATIVE)));
        cache.apply(new Notification.AddressAdded(localOfWlan(0)));
        cache.apply(new Notification.AddressDeleted(localOfWlan(0)));
        outerRoute();

        // when
        List<KernelEvent> events = apply(wlan0.deletion());

        // then
        assertThat(events).containsExactly(new LinkChanged("wlan0", false));
    }

    private static Address localOfWlan(int flags) {
        return new Address(
                3,
                LOCAL,
                Optional.empty(),
                24,
                0,
                flags,
                Optional.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                false,
                List.of());
    }

    @Test
    void a_route_of_ours_that_is_replaced_while_it_is_forgotten_concerns_its_tunnel() {
        // given
        cache.forget("tun");

        // when
        List<KernelEvent> events = apply(SimulatedRtnetlink.replacement(2, INNER, 16, BIRD));

        // then
        assertThat(events).contains(new LinkChanged("tun", true));
    }

    @Test
    void a_route_of_ours_that_is_replaced_before_it_was_read_concerns_its_tunnel() {
        // given
        InetAddress other = InetAddress.ofLiteral("10.77.0.0");
        apply(SimulatedRtnetlink.route(true, 7, other, 16, ObservedRoutes.PROTOCOL));

        // when
        List<KernelEvent> events = apply(SimulatedRtnetlink.replacement(2, other, 16, BIRD));

        // then
        assertThat(events).contains(new LinkChanged("tun", true));
    }

    /** As ff00::/8, which each interface has. */
    @Test
    void a_route_to_the_same_destination_that_replaces_none_does_not_concern_the_tunnel() {
        // when
        List<KernelEvent> events = apply(SimulatedRtnetlink.route(true, 2, INNER, 16, ObservedRoutes.KERNEL_PROTOCOL));

        // then
        assertThat(events).doesNotContain(new LinkChanged("tun", true));
    }

    @Test
    void a_wireless_event_without_a_change_changes_nothing() {
        // when
        List<KernelEvent> events = apply(wlan0.wirelessEvent());

        // then
        assertThat(events).isEmpty();
        assertThat(cache.link("wlan0").orElseThrow().mtu()).isEqualTo(1500);
    }

    @Test
    void a_wireless_event_with_a_change_makes_the_cache_read_the_link() {
        // given
        kernel.with(wlan0.withFlags(0).withMtu(1400));

        // when
        List<KernelEvent> events = apply(wlan0.withFlags(0).wirelessEvent());

        // then
        assertThat(events).containsExactly(new LinkChanged("wlan0", false));
        assertThat(cache.link("wlan0").orElseThrow().mtu()).isEqualTo(1400);
    }

    @Test
    void a_wireless_event_of_an_unknown_link_makes_the_cache_read_it() {
        // given
        Interface wlan1 = new Interface(9, "wlan1", false);
        kernel.with(wlan1);

        // when
        List<KernelEvent> events = apply(wlan1.wirelessEvent());

        // then
        assertThat(events).containsExactly(new LinkChanged("wlan1", false));
        assertThat(cache.link("wlan1").orElseThrow().mtu()).isEqualTo(1500);
    }

    @Test
    void addresses_of_other_families_and_broken_ones_do_not_hide_the_others() {
        // given
        kernel.strangeAddresses.add(SimulatedRtnetlink.mctpAddress(2));
        kernel.strangeAddresses.add(SimulatedRtnetlink.brokenAddress(2));

        // when
        cache.list();

        // then
        assertThat(cache.addresses(2)).extracting(address -> address.address()).containsExactly(LOCAL);
        assertThat(cache.compare()).isEmpty();
    }

    @Test
    void notifications_of_other_families_are_not_reported() {
        // when
        List<KernelEvent> events = apply(SimulatedRtnetlink.mctpAddress(7));

        // then
        assertThat(events).isEmpty();
        assertThat(apply(tun.withMtu(9).bridgePort())).isEmpty();
    }

    @Test
    void a_notification_that_cannot_be_decoded_makes_the_cache_read_its_interface() {
        // given
        List<InetAddress> now = List.of(InetAddress.ofLiteral("10.9.0.7"));
        kernel.addresses.put(7, now);

        // when
        List<KernelEvent> events = apply(SimulatedRtnetlink.brokenAddress(7));

        // then
        assertThat(events).containsExactly(new LinkChanged("tun", true));
        assertThat(cache.addresses(7)).extracting(address -> address.address()).isEqualTo(now);
    }

    @Test
    void an_interface_is_found_and_reported_by_its_alternative_names() {
        // given
        Interface named = eth0.withAlternativeNames("lan", "uplink");
        kernel.with(named);

        // when
        List<KernelEvent> added = apply(named.message());
        boolean found = cache.link("lan").isPresent();
        List<KernelEvent> changed = apply(named.withMtu(1400).message());
        List<KernelEvent> removed = apply(eth0.message());

        // then
        assertThat(added).contains(new LinkChanged("eth0", false), new LinkChanged("lan", false));
        assertThat(found).isTrue();
        assertThat(changed).contains(new LinkChanged("uplink", false));
        assertThat(removed).contains(new LinkChanged("uplink", false));
        assertThat(cache.link("lan")).isEmpty();
    }

    @Test
    void an_alternative_name_that_moves_to_another_interface_is_found_there() {
        // given
        apply(eth0.withAlternativeNames("lan").message());

        // when
        apply(eth0.message());
        List<KernelEvent> moved = apply(wlan0.withAlternativeNames("lan").message());

        // then
        assertThat(moved).contains(new LinkChanged("lan", false));
        assertThat(cache.link("lan").map(Link::name)).contains("wlan0");
    }

    @Test
    void a_deleted_interface_is_reported_by_its_alternative_names() {
        // given
        apply(eth0.withAlternativeNames("lan").message());

        // when
        List<KernelEvent> events = apply(eth0.deletion());

        // then
        assertThat(events).contains(new LinkChanged("lan", false));
        assertThat(cache.link("lan")).isEmpty();
    }

    @Test
    void a_new_interface_is_found_by_the_name_of_a_deleted_one_whose_notification_is_still_to_come() {
        // given
        kernel.interfaces.remove(7);
        cache.forget("tun");
        cache.link("tun");
        Interface successor = new Interface(8, "tun", true);
        kernel.with(successor);
        apply(successor.message());

        // when
        apply(tun.deletion());

        // then
        assertThat(cache.link("tun").map(Link::index)).contains(8);
    }
}
