package dev.iptunnel.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.iptunnel.errno.Errno;
import dev.iptunnel.libc.LibcException;
import dev.iptunnel.libc.ProbeSocket;
import dev.iptunnel.libc.ProbeSocket.Event;
import dev.iptunnel.libc.ProbeSocket.Event.Answered;
import dev.iptunnel.libc.ProbeSocket.Event.TooLong;
import dev.iptunnel.libc.ProbeSocket.Event.Unreachable;
import dev.iptunnel.libc.ProbeSocket.Way;
import dev.iptunnel.libc.ProbeSockets;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelMode;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Packets through tunnels of all modes, by sockets that need no capability, and what is heard of them. */
@Tag("kernel")
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProbeSocketKernelTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration SILENCE = Duration.ofMillis(500);
    private static final int SHORT = 84;

    @RegisterExtension
    @Order(1)
    final TunnelNode node = new TunnelNode();

    @RegisterExtension
    @Order(2)
    final DistantPeer peer = new DistantPeer();

    private final ProbeSockets sockets = new ProbeSockets();
    private final List<ProbeSocket> open = new ArrayList<>();

    @BeforeEach
    void allowEcho() {
        Iproute2.run(List.of("sysctl", "-q", "-w", "net.ipv4.ping_group_range=0 2147483647"));
    }

    @AfterEach
    void close() {
        allowEcho();
        open.forEach(ProbeSocket::close);
        sockets.close();
    }

    private static InetAddress target(TunnelMode mode) {
        return mode.inner().parse(mode.inner() == IpFamily.IPV4 ? "10.9.0.2" : "fd09::2");
    }

    private static InetAddress source(TunnelMode mode) {
        return mode.inner().parse(Peer.inner(mode));
    }

    private ProbeSocket open(Way way, TunnelMode mode) {
        ProbeSocket socket = sockets.open(way, "tun", Iproute2.ifindex("tun"), source(mode), target(mode));
        open.add(socket);
        return socket;
    }

    private ProbeSocket openThrough(TunnelMode mode, Way way) {
        node.program(DistantPeer.near(mode));
        DistantPeer.tunnel(mode);
        return open(way, mode);
    }

    /** The first event, if any comes. */
    private List<Event> heard(ProbeSocket socket, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        List<Event> events = socket.receive();
        while (events.isEmpty() && System.nanoTime() < deadline) {
            sockets.await(List.of(socket), Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
            events = socket.receive();
        }
        return events;
    }

    private List<Event> probe(ProbeSocket socket, int sequence, int length, Duration patience) {
        assertThat(socket.send(sequence, length)).isEmpty();
        return heard(socket, patience);
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, ECHO", "SIT, ECHO", "IP6IP6, ECHO", "IPIP6, ECHO",
        "IPIP, CLOSED_PORT", "SIT, CLOSED_PORT", "IP6IP6, CLOSED_PORT", "IPIP6, CLOSED_PORT"
    })
    void a_peer_answers_short_packets_and_those_as_long_as_the_mtu(TunnelMode mode, Way way) {
        ProbeSocket socket = openThrough(mode, way);

        assertThat(probe(socket, 7, SHORT, PATIENCE)).containsExactly(new Answered(7));
        assertThat(probe(socket, 65_535, ProbeSocket.shortest(target(mode)), PATIENCE))
                .containsExactly(new Answered(65_535));
        assertThat(probe(socket, 8, Iproute2.mtu("tun"), PATIENCE)).containsExactly(new Answered(8));
    }

    @ParameterizedTest
    @EnumSource
    void a_packet_longer_than_the_interface_takes_is_not_sent(TunnelMode mode) {
        ProbeSocket socket = openThrough(mode, Way.ECHO);

        assertThat(socket.send(1, Iproute2.mtu("tun") + 1)).hasValue(Errno.EMSGSIZE);

        assertThat(socket.receive()).contains(new TooLong(Iproute2.mtu("tun")));
        assertThat(probe(socket, 2, SHORT, PATIENCE)).containsExactly(new Answered(2));
    }

    @ParameterizedTest
    @CsvSource({"IPIP, 1380", "SIT, 1380", "IP6IP6, 1360", "IPIP6, 1360"})
    void a_router_says_how_long_a_packet_may_be(TunnelMode mode, int fits) {
        ProbeSocket socket = openThrough(mode, Way.ECHO);
        DistantPeer.mtu(1400);

        // The kernel tells of the first packet in some modes only.
        socket.send(1, Iproute2.mtu("tun"));
        heard(socket, SILENCE);

        assertThat(probe(socket, 2, Iproute2.mtu("tun"), PATIENCE)).contains(new TooLong(fits));
        assertThat(probe(socket, 3, fits, PATIENCE)).contains(new Answered(3));
    }

    @ParameterizedTest
    @CsvSource({"IPIP, 1380", "SIT, 1380", "IP6IP6, 1360", "IPIP6, 1360"})
    void a_router_that_says_nothing_drops_what_is_too_long(TunnelMode mode, int fits) {
        ProbeSocket socket = openThrough(mode, Way.ECHO);
        DistantPeer.silenceRouter();
        DistantPeer.mtu(1400);

        assertThat(probe(socket, 1, fits + 1, SILENCE)).isEmpty();
        assertThat(probe(socket, 2, fits, PATIENCE)).containsExactly(new Answered(2));
    }

    @ParameterizedTest
    @CsvSource({"IPIP, near", "SIT, near", "IP6IP6, near", "IPIP6, near", "IPIP, away", "IP6IP6, away"})
    void nothing_is_heard_where_the_protocol_is_dropped_in_one_direction(TunnelMode mode, String from) {
        ProbeSocket socket = openThrough(mode, Way.ECHO);
        DistantPeer.silenceRouter();
        DistantPeer.drop(mode, from);

        assertThat(probe(socket, 1, SHORT, SILENCE)).isEmpty();

        DistantPeer.pass(mode, from);
        assertThat(probe(socket, 2, SHORT, PATIENCE)).containsExactly(new Answered(2));
    }

    /** A tunnel passes on every kind of ICMP message as "host unreachable", so the peer and a router look the same. */
    @ParameterizedTest
    @EnumSource(names = {"IPIP", "IP6IP6", "IPIP6"})
    void the_kernel_says_that_outer_packets_come_back(TunnelMode mode) {
        ProbeSocket socket = openThrough(mode, Way.ECHO);
        DistantPeer.removeTunnel();

        socket.send(1, SHORT);
        heard(socket, SILENCE);

        assertThat(probe(socket, 2, SHORT, PATIENCE))
                .contains(new Unreachable(Optional.of(source(mode)), Errno.EHOSTUNREACH));
        DistantPeer.tunnel(mode);
        socket.send(3, SHORT);
        assertThat(heard(socket, PATIENCE)).isNotEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void a_node_that_allows_no_ICMP_sockets_refuses_one_and_lets_UDP_through(TunnelMode mode) {
        node.program(DistantPeer.near(mode));
        DistantPeer.tunnel(mode);
        Iproute2.run(List.of("sysctl", "-q", "-w", "net.ipv4.ping_group_range=1 0"));

        assertThatExceptionOfType(LibcException.class)
                .isThrownBy(() -> open(Way.ECHO, mode))
                .withMessage("socket: EACCES (Permission denied)");
        assertThat(probe(open(Way.CLOSED_PORT, mode), 1, SHORT, PATIENCE)).containsExactly(new Answered(1));
    }

    @Test
    void a_socket_is_refused_for_an_interface_and_an_address_that_the_node_does_not_have() {
        assertThatExceptionOfType(LibcException.class)
                .isThrownBy(() -> sockets.open(Way.ECHO, "tun", 9999, source(TunnelMode.IPIP), target(TunnelMode.IPIP)))
                .withMessage("SO_BINDTODEVICE: ENODEV (No such device)");

        node.program(DistantPeer.near(TunnelMode.IPIP).addresses("10.9.0.5/30"));

        assertThatExceptionOfType(LibcException.class)
                .isThrownBy(() -> open(Way.ECHO, TunnelMode.IPIP))
                .withMessage("bind: EADDRNOTAVAIL (Cannot assign requested address)");
    }

    @ParameterizedTest
    @EnumSource(names = {"SIT", "IP6IP6"})
    void a_link_local_address_is_that_of_the_interface(TunnelMode mode) {
        node.program(DistantPeer.near(mode).addresses("fe80::77:1/64"));
        DistantPeer.tunnel(mode);
        DistantPeer.address("fe80::77:2/64");
        ProbeSocket socket = sockets.open(
                Way.ECHO,
                "tun",
                Iproute2.ifindex("tun"),
                IpFamily.IPV6.parse("fe80::77:1"),
                IpFamily.IPV6.parse("fe80::77:2"));
        open.add(socket);

        assertThat(probe(socket, 1, SHORT, PATIENCE)).containsExactly(new Answered(1));
    }

    @ParameterizedTest
    @EnumSource
    void a_tunnel_in_a_VRF_is_probed_in_it(TunnelMode mode) {
        Iproute2.batch("link add blue type vrf table 77", "link set blue up");
        node.program(DistantPeer.near(mode).vrf("blue"));
        DistantPeer.tunnel(mode);

        assertThat(probe(open(Way.ECHO, mode), 1, SHORT, PATIENCE)).containsExactly(new Answered(1));
        assertThat(probe(open(Way.CLOSED_PORT, mode), 1, SHORT, PATIENCE)).containsExactly(new Answered(1));
    }

    @Test
    void an_answer_to_another_socket_does_not_count() {
        ProbeSocket one = openThrough(TunnelMode.IPIP, Way.ECHO);
        ProbeSocket other = open(Way.ECHO, TunnelMode.IPIP);

        assertThat(probe(one, 1, SHORT, PATIENCE)).containsExactly(new Answered(1));

        assertThat(heard(other, SILENCE)).isEmpty();
    }

    @Test
    void a_wait_ends_when_another_thread_wakes_it() throws InterruptedException {
        Thread waker = Thread.ofPlatform().start(sockets::wake);

        assertThat(sockets.await(List.of(), Duration.ofSeconds(100))).isEmpty();

        waker.join();
        assertThat(sockets.await(List.of(), Duration.ofMillis(1))).isEmpty();
    }
}
