package dev.iptunnel.libc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.netlink.NetlinkWatch;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.link.Link;
import dev.iptunnel.netlink.link.LinkRequests;
import dev.iptunnel.netlink.message.MulticastGroup;
import dev.iptunnel.netlink.message.NetlinkException;
import dev.iptunnel.netlink.route.Route;
import dev.iptunnel.netlink.route.RouteType;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On the kernel of the machine; needs no privilege and no tunnel driver. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NetlinkSocketTest {
    @Test
    void the_loopback_link_exists() {
        try (Rtnetlink rtnetlink = new Rtnetlink(NetlinkSocket.open())) {
            Link lo = rtnetlink.link("lo").orElseThrow();

            assertThat(lo.arphrdType()).isEqualTo(772);
            assertThat(rtnetlink.links()).contains(lo);
            assertThat(rtnetlink.link(lo.index())).hasValue(lo);
        }
    }

    @Test
    void a_missing_link_is_empty() {
        try (Rtnetlink rtnetlink = new Rtnetlink(NetlinkSocket.open())) {
            assertThat(rtnetlink.link("no-such-link")).isEmpty();
            assertThat(rtnetlink.link(Integer.MAX_VALUE)).isEmpty();
            assertThat(rtnetlink.links("no-such-kind")).isEmpty();
        }
    }

    @Test
    void the_loopback_address_exists() {
        try (Rtnetlink rtnetlink = new Rtnetlink(NetlinkSocket.open())) {
            int lo = rtnetlink.link("lo").orElseThrow().index();

            assertThat(rtnetlink.addresses())
                    .anySatisfy(address -> assertThat(address.address()).isEqualTo(InetAddress.ofLiteral("127.0.0.1")));
            assertThat(rtnetlink.addresses(lo)).isNotEmpty().allSatisfy(address -> assertThat(address.ifindex())
                    .isEqualTo(lo));
            assertThat(rtnetlink.addresses(Integer.MAX_VALUE)).isEmpty();
        }
    }

    @Test
    void the_route_to_the_loopback_address_is_local() {
        try (Rtnetlink rtnetlink = new Rtnetlink(NetlinkSocket.open())) {
            assertThat(rtnetlink.route(InetAddress.ofLiteral("127.0.0.1"), OptionalInt.empty()))
                    .map(Route::type)
                    .hasValue(RouteType.LOCAL);
        }
    }

    @Test
    void a_socket_is_readable_from_the_answer_until_it_is_read_and_not_when_it_is_closed() {
        NetlinkSocket socket = NetlinkSocket.open();
        try (socket) {
            boolean before = socket.isReadable();
            socket.send(LinkRequests.get("lo").build(1));
            boolean answered = socket.isReadable();
            socket.receive(Duration.ZERO);

            assertThat(List.of(before, answered, socket.isReadable())).containsExactly(false, true, false);
            socket.send(LinkRequests.get("lo").build(2));
        }
        assertThat(socket.isReadable()).isFalse();
    }

    @Test
    void a_socket_has_a_port_of_its_own() {
        try (NetlinkSocket one = NetlinkSocket.open();
                NetlinkSocket other = NetlinkSocket.open()) {
            assertThat(List.of(one.portId(), other.portId()))
                    .doesNotHaveDuplicates()
                    .doesNotContain(0);
        }
    }

    @Test
    void a_quiet_socket_times_out() {
        try (NetlinkSocket socket = NetlinkSocket.open()) {
            assertThat(socket.receive(Duration.ofMillis(20))).isEmpty();
        }
    }

    @Test
    void datagrams_of_other_processes_are_dropped() {
        try (NetlinkSocket socket = NetlinkSocket.open();
                NetlinkSocket other = NetlinkSocket.open()) {
            other.sendTo(socket.portId(), new byte[16]);

            assertThat(socket.receive(Duration.ofMillis(50))).isEmpty();
        }
    }

    @Test
    void closing_wakes_a_watch_that_waits() {
        NetlinkWatch watch = new NetlinkWatch(NetlinkSocket.open(MulticastGroup.LINK, MulticastGroup.IPV6_IFADDR));
        CompletableFuture<?> waiting = CompletableFuture.runAsync(
                () -> {
                    while (true) {
                        assertThat(watch.next(Duration.ofDays(1))).isPresent();
                    }
                },
                task -> Thread.ofPlatform().daemon().start(task));

        CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS).execute(watch::close);

        assertThat(waiting)
                .failsWithin(Duration.ofSeconds(5))
                .withThrowableThat()
                .havingCause()
                .isInstanceOfSatisfying(
                        NetlinkException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));
    }

    @Test
    void a_closed_socket_is_ebadf() {
        NetlinkSocket socket = NetlinkSocket.open();
        socket.close();
        socket.close();

        assertThatExceptionOfType(NetlinkException.class)
                .isThrownBy(() -> socket.send(new byte[16]))
                .withMessage("sendto: EBADF (Bad file descriptor)");
    }

    @Test
    void closed_sockets_leave_no_descriptor_open() throws Exception {
        long before = descriptors();
        for (int i = 0; i < 100; i++) {
            NetlinkSocket.open().close();
        }

        assertThat(descriptors()).isLessThan(before + 50);
    }

    private static long descriptors() throws Exception {
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }
}
