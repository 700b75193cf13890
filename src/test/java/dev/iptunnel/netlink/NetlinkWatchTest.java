package dev.iptunnel.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.message.NetlinkOverrunException;
import dev.iptunnel.netlink.route.Address;
import dev.iptunnel.netlink.route.Route;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class NetlinkWatchTest {
    private final ScriptedTransport transport = new ScriptedTransport();
    private final NetlinkWatch watch = new NetlinkWatch(transport);

    @Test
    void notifications_of_links_and_addresses_decode_in_order() {
        Capture.of("monitor").received().forEach(transport::notifying);

        List<String> notified = all().stream().map(NetlinkWatchTest::text).toList();

        assertThat(notified)
                .containsExactly(
                        "changed ipip1 mtu 0",
                        "changed ipip1 mtu 1480",
                        "address added fe80:0:0:0:0:5efe:c000:201",
                        "address added fe80:0:0:0:acd9:b2ff:fe90:677",
                        "other 16",
                        "other 16",
                        "other 17",
                        "address deleted 198.51.100.1",
                        "deleted 7",
                        "address deleted 2001:db8:ffff:0:0:0:0:1",
                        "deleted 9");
    }

    @Test
    void notifications_of_routes_decode() {
        Capture.of("monitor-route").received().forEach(transport::notifying);

        List<Notification> notified = all();

        assertThat(notified).hasSize(4);
        assertThat(notified.getFirst()).isEqualTo(new Notification.Other(88));
        assertThat(notified.getLast()).isInstanceOf(Notification.RouteDeleted.class);
        Route route = ((Notification.RouteAdded) notified.get(1)).route();
        assertThat(route.destination()).isEqualTo(InetAddress.ofLiteral("203.0.113.0"));
        assertThat(route.prefixLength()).isEqualTo(24);
        assertThat(route.protocol()).isEqualTo(99);
        assertThat(route.metric()).hasValue(7);
        assertThat(route.mtu()).hasValue(1300);
    }

    @Test
    void an_overrun_is_a_notification() {
        transport.failing(new NetlinkOverrunException("recvfrom"));

        assertThat(watch.next(Duration.ZERO)).hasValue(new Notification.Overrun());
    }

    @Test
    void a_time_without_notifications_gives_nothing() {
        assertThat(watch.next(Duration.ZERO)).isEmpty();
    }

    private List<Notification> all() {
        List<Notification> notified = new ArrayList<>();
        Optional<Notification> next = watch.next(Duration.ZERO);
        while (next.isPresent()) {
            notified.add(next.get());
            next = watch.next(Duration.ZERO);
        }
        return notified;
    }

    private static String text(Notification notification) {
        return switch (notification) {
            case Notification.LinkChanged(Link link) -> "changed " + link.name() + " mtu " + link.mtu();
            case Notification.LinkMentioned(var part) ->
                "mentioned " + part.name().orElse("") + " " + part.index();
            case Notification.LinkDeleted(int index) -> "deleted " + index;
            case Notification.Undecodable(int type, OptionalInt ifindex, String what) ->
                "undecodable " + type + " of " + ifindex + ": " + what;
            case Notification.AddressAdded(Address address) -> "address added " + host(address);
            case Notification.AddressDeleted(Address address) -> "address deleted " + host(address);
            case Notification.RouteAdded(Route route, boolean replaces) ->
                "route added " + route + (replaces ? ", in place of another" : "");
            case Notification.RouteDeleted(Route route) -> "route deleted " + route;
            case Notification.RulesChanged() -> "rules changed";
            case Notification.InetConfChanged(int ifindex) -> "inet conf changed of " + ifindex;
            case Notification.Overrun() -> "overrun";
            case Notification.Other(int type) -> "other " + type;
        };
    }

    private static String host(Address address) {
        return address.address().getHostAddress();
    }
}
