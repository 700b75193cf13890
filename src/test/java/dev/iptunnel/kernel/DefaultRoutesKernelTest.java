package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.kernel.read.Guards;
import dev.iptunnel.kernel.watch.KernelWatch;
import dev.iptunnel.kernel.watch.UndecodableMessages;
import dev.iptunnel.libc.NetlinkSocket;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelMode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which gateways count as those of default routes, while the kernel does not notify of all that becomes of the routes. */
@Tag("kernel")
class DefaultRoutesKernelTest {
    private static final Duration LONG = Duration.ofMinutes(11);

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    private final AtomicLong nanoTime = new AtomicLong(System.nanoTime());
    private final BlockingQueue<KernelEvent> events = new LinkedBlockingQueue<>();

    /** Those that lead out of no interface stay with the kernel. */
    @AfterEach
    void the_default_routes_go() {
        Iproute2.run("ip -4 route flush exact 0.0.0.0/0");
        Iproute2.run("ip -6 route flush exact ::/0 type blackhole");
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, 192.0.0.0/2, 198.51.100.254, true",
        "IPIP, 8.0.0.0/7, 198.51.100.254, true",
        "IPIP, 8.0.0.0/8, 198.51.100.254, false",
        "IPIP, 224.0.0.0/3, 198.51.100.254, true",
        "IPIP, 224.0.0.0/4, 198.51.100.254, false",
        "SIT, 2000::/3, 2001:db8:1::fe, true",
        "SIT, ::/3, 2001:db8:1::fe, true",
        "SIT, fc00::/7, 2001:db8:1::fe, true",
        "SIT, fd00::/8, 2001:db8:1::fe, false",
    })
    void the_gateway_of_a_part_of_the_default_route_is_guarded(
            TunnelMode mode, String destination, String gateway, boolean guarded) {
        BlockingQueue<KernelEvent> told = new LinkedBlockingQueue<>();
        Iproute2.run("ip route add " + destination + " via " + gateway + " dev under1");
        assertThat(isRefused(mode, gateway)).as("read").isEqualTo(guarded);

        node.kernel.watch(told::add);

        assertThat(isRefused(mode, gateway)).as("listed").isEqualTo(guarded);
        Iproute2.run("ip route del " + destination + " via " + gateway + " dev under1");
        String later = gateway.replace("254", "253").replace("fe", "fd");
        Iproute2.run("ip route add " + destination + " via " + later + " dev under1");
        node.kernel.catchUp();
        assertThat(isRefused(mode, later)).as("told").isEqualTo(guarded);
    }

    private boolean isRefused(TunnelMode mode, String destination) {
        InnerRoute route = new InnerRoute(
                IpPrefix.host(mode.inner().parse(destination)), Optional.empty(), InnerRoute.MAIN_TABLE, 0);
        List<Refusal> refused = ((Plan) node.plan(tunnel("tun", mode).routes(route))).refused();
        assertThat(refused).extracting(Refusal::reason).allMatch(Reason.ROUTE_WOULD_ISOLATE_NODE::equals);
        return !refused.isEmpty();
    }

    @Test
    void the_gateway_behind_a_tunnel_of_ours_that_somebody_deleted_is_not_guarded() {
        node.kernel.watch(_ -> {});
        DesiredTunnelBuilder tunnel = tunnel("tun", TunnelMode.IPIP)
                .addresses("10.9.0.1/30")
                .routes(new InnerRoute(
                        IpPrefix.parse(TunnelMode.IPIP.inner(), "64.0.0.0/2"),
                        Optional.of(TunnelMode.IPIP.inner().parse("10.9.0.2")),
                        InnerRoute.MAIN_TABLE,
                        0));
        assertThat(node.program(tunnel)).isEmpty();
        node.kernel.catchUp();

        Iproute2.batch("link delete dev tun");
        node.kernel.catchUp();

        assertThat(node.program(tunnel)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"-4, 192.0.2.254, 198.51.100.254", "-6, 2001:db8::ffff, 2001:db8:1::ffff"})
    void a_next_hop_that_comes_back_with_its_interface_counts(String family, String first, String second) {
        Iproute2.run("ip " + family + " route add default nexthop via " + first + " dev under0 nexthop via " + second
                + " dev under1");
        try (KernelWatch watch = watch()) {
            assertThat(gateways(watch)).containsExactlyInAnyOrder(first, second);

            Iproute2.batch("link set under1 down");
            watch.catchUp();
            nanoTime.addAndGet(LONG.toNanos());
            Iproute2.batch("link set under1 up");
            watch.catchUp();

            assertThat(Iproute2.run("ip " + family + " route show default"))
                    .contains("under1")
                    .doesNotContain("dead");
            nanoTime.addAndGet(LONG.toNanos());
            assertThat(gateways(watch)).containsExactlyInAnyOrder(first, second);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "-4, via 192.0.2.254 dev under0, default, via 192.0.2.253 dev under0, 192.0.2.253",
        "-4, via 192.0.2.254 dev under0, default, via 198.51.100.254 dev under1 proto static, 198.51.100.254",
        "-4, via 192.0.2.254 dev under0, 128.0.0.0/1, via 192.0.2.253 dev under0, 192.0.2.253",
        "-4, via 192.0.2.254 dev under0, blackhole default, '', ''",
        "-6, via 2001:db8::ffff dev under0, default, via 2001:db8::fffe dev under0, 2001:db8::fffe",
        "-6, via 2001:db8::ffff dev under0, 2000::/3, via 2001:db8:1::fffe dev under1, 2001:db8:1::fffe",
        "-6, via 2001:db8::ffff dev under0, blackhole default, '', ''",
    })
    void a_gateway_that_was_replaced_counts_no_longer_than_one_that_was_removed(
            String family, String before, String destination, String after, String gateway) {
        Iproute2.run("ip " + family + " route add " + destination.replace("blackhole ", "") + " " + before);
        try (KernelWatch watch = watch()) {
            Set<String> old = gateways(watch);
            assertThat(old).hasSize(1);

            Iproute2.run(("ip " + family + " route replace " + destination + " " + after).strip());
            watch.catchUp();

            assertThat(gateways(watch)).containsAll(old);
            nanoTime.addAndGet(LONG.toNanos());
            assertThat(gateways(watch)).isEqualTo(gateway.isEmpty() ? Set.of() : Set.of(gateway));
        }
    }

    @Test
    void a_default_route_that_goes_with_the_last_address_counts_for_a_while() {
        Iproute2.batch("route add default via 192.0.2.254 dev under0");
        try (KernelWatch watch = watch()) {
            Iproute2.batch("address del 192.0.2.1/24 dev under0");
            watch.catchUp();

            assertThat(Iproute2.run("ip -4 route show default")).isEmpty();
            assertThat(gateways(watch)).containsExactly("192.0.2.254");
            assertThat(events).contains(new KernelEvent.RouteChanged(IpPrefix.parse(IpFamily.IPV4, "0.0.0.0/0")));
            nanoTime.addAndGet(LONG.toNanos());
            assertThat(gateways(watch)).isEmpty();
        }
    }

    @Test
    void an_ipv6_default_route_that_stays_without_an_address_counts() {
        Iproute2.batch("route add default via 2001:db8::ffff dev under0");
        try (KernelWatch watch = watch()) {
            Iproute2.batch("address del 2001:db8::1/64 dev under0");
            watch.catchUp();

            assertThat(Iproute2.run("ip -6 route show default")).contains("under0");
            nanoTime.addAndGet(LONG.toNanos());
            assertThat(gateways(watch)).containsExactly("2001:db8::ffff");
        }
    }

    @Test
    void a_default_route_that_goes_with_its_source_is_missed_by_the_next_comparison() {
        Iproute2.batch(
                "address add 198.18.5.1/32 dev lo", "route add default via 192.0.2.254 dev under0 src 198.18.5.1");
        try (KernelWatch watch = watch()) {
            Iproute2.batch("address del 198.18.5.1/32 dev lo");
            watch.catchUp();
            assertThat(Iproute2.run("ip -4 route show default")).isEmpty();

            watch.resync();

            assertThat(gateways(watch)).containsExactly("192.0.2.254");
            nanoTime.addAndGet(LONG.toNanos());
            assertThat(gateways(watch)).isEmpty();
        }
    }

    private KernelWatch watch() {
        return KernelWatch.start(
                new Rtnetlink(NetlinkSocket.open()),
                new Guards(List.of(), List.of()),
                events::add,
                new UndecodableMessages(),
                nanoTime::get);
    }

    /** When what the kernel told by now is known. */
    private static Set<String> gateways(KernelWatch watch) {
        Instant deadline = Instant.now().plusSeconds(10);
        while (watch.cache().isEmpty() && Instant.now().isBefore(deadline)) {
            LockSupport.parkNanos(10_000_000);
        }
        watch.catchUp();
        return watch.cache().orElseThrow().defaultWays().stream()
                .flatMap(way -> way.gateway().stream())
                .map(IpFamily::format)
                .collect(Collectors.toSet());
    }
}
