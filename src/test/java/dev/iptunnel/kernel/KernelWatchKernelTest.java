package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.kernel.linux.LinuxTunnelKernel;
import dev.iptunnel.kernel.read.Guards;
import dev.iptunnel.kernel.read.Inet6Sysctls;
import dev.iptunnel.kernel.read.KernelLookup;
import dev.iptunnel.kernel.read.SurroundingsView;
import dev.iptunnel.kernel.watch.EveryRouteFollowed;
import dev.iptunnel.kernel.watch.KernelCache;
import dev.iptunnel.libc.NetlinkSocket;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.netlink.message.NetlinkTransport;
import dev.iptunnel.observation.Observation;
import dev.iptunnel.observation.TunnelObserver;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.planner.ListedClaims;
import dev.iptunnel.planner.Planner;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.ReversePathFilter;
import dev.iptunnel.tunnel.TunnelMode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the kernel told is what it holds, and whoever is concerned hears of it. */
@Tag("kernel")
class KernelWatchKernelTest {
    private static final String REMOTE = "203.0.113.77";

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    private final BlockingQueue<KernelEvent> events = new LinkedBlockingQueue<>();

    @ParameterizedTest
    @EnumSource
    void a_tunnel_in_sync_is_recalled_as_it_is_observed(TunnelMode mode) {
        DesiredTunnelBuilder desired = tunnel("tun", mode);
        node.program(desired);
        node.kernel.watch(events::add);

        awaitRecalled(desired);
    }

    /** The kernel does not tell of a mark that a device gets that is down. */
    @ParameterizedTest
    @EnumSource
    void a_tunnel_that_is_made_and_stays_down_is_recalled_as_it_is_observed(TunnelMode mode) {
        node.kernel.watch(events::add);

        node.program(tunnel("tun", mode).up(false));

        awaitRecalled(tunnel("tun", mode).up(false));
    }

    /** That is not told either. */
    @ParameterizedTest
    @EnumSource
    void a_mark_that_is_taken_off_a_tunnel_that_is_down_is_known_to_be_off(TunnelMode mode) {
        Mark retained = new Mark(TunnelNode.MANAGER, "uid-of-tun", DeletionPolicy.RETAIN, "tun");
        node.kernel.watch(events::add);
        node.program(tunnel("tun", mode).mark(retained).up(false));
        await("the mark is known", () -> !node.kernel.marked().isEmpty());

        node.remove("tun");

        await("it is known to be off", () -> node.kernel.marked().isEmpty());
    }

    @ParameterizedTest
    @EnumSource
    void a_tunnel_that_was_made_changed_and_removed_while_watched_is_recalled_as_it_is_observed(TunnelMode mode) {
        node.kernel.watch(events::add);

        node.program(tunnel("tun", mode));
        awaitRecalled(tunnel("tun", mode));
        node.program(tunnel("tun", mode).ttl(9).mtu(OptionalInt.of(1300)));
        awaitRecalled(tunnel("tun", mode).ttl(9).mtu(OptionalInt.of(1300)));
        node.program(tunnel("tun", mode).up(false));
        awaitRecalled(tunnel("tun", mode).up(false));
        node.remove("tun");

        await("the removal is known", () -> node.kernel.marked().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "link set tun down",
                "link set tun mtu 1300",
                "link set tun alias somebodys",
                "link set tun group 7",
                "tunnel change tun ttl 9",
                "tunnel change tun remote 203.0.113.78",
                "link delete dev tun",
                "address del 10.9.0.1/30 dev tun",
                "address add 10.9.9.9/32 dev tun",
                "route del 10.88.0.0/16 dev tun",
                "route replace 10.88.0.0/16 dev under1",
                "link set under0 mtu 1400",
                "link set under0 down",
                "link delete dev under0",
                "address del 192.0.2.1/24 dev under0",
                "route add 203.0.113.0/24 dev under1",
                "route add 203.0.113.0/24 dev tun",
                "route del default",
                "route replace default dev under1",
                "rule add to 203.0.113.77 table 77 priority 5",
            })
    void a_change_by_somebody_else_is_told_and_recalled_as_it_is_observed(String change) {
        DesiredTunnelBuilder desired = routed();
        node.program(desired);
        Iproute2.batch("route add default dev under1 table 77");
        node.kernel.watch(events::add);
        awaitRecalled(desired);

        Iproute2.batch(change);

        awaitToldOf(desired.build());
        awaitEqual(desired);
        if (change.startsWith("rule add")) {
            // A flush would take the kernel's own rules along, and systemd-networkd removes those that somebody puts
            // back.
            Iproute2.run("ip rule del priority 5");
        }
    }

    @Test
    void the_reverse_path_filter_that_somebody_sets_by_sysctl_is_told() {
        DesiredTunnelBuilder desired = tunnel("tun", TunnelMode.IPIP).reversePathFilter(ReversePathFilter.LOOSE);
        node.program(desired);
        node.kernel.watch(events::add);
        awaitRecalled(desired);

        Iproute2.run("sysctl -w net.ipv4.conf.tun.rp_filter=1");

        awaitToldOf(desired.build());
        awaitEqual(desired);
        assertThat(plan(desired, node.kernel.recall(desired.build()).orElseThrow())
                        .toString())
                .contains("rp_filter=2");
    }

    @Test
    void a_change_of_a_tunnel_that_is_down_is_found_by_the_resync() {
        DesiredTunnelBuilder desired = tunnel("tun", TunnelMode.IPIP).up(false);
        node.program(desired);
        node.kernel.watch(events::add);
        awaitRecalled(desired);
        Iproute2.run("ip tunnel change tun ttl 9");

        node.kernel.resync();

        awaitToldOf(desired.build());
        awaitEqual(desired);
    }

    @Test
    void a_resync_of_what_is_known_tells_nothing() throws InterruptedException {
        DesiredTunnelBuilder desired = routed();
        node.program(desired);
        node.kernel.watch(events::add);
        awaitRecalled(desired);

        while (next() != null) {
            // The kernel tells of the parents' carrier in its own time.
        }

        node.kernel.resync();

        assertThat(next()).isNull();
    }

    @Test
    void foreign_devices_and_routes_that_come_and_go_concern_nobody() throws InterruptedException {
        DesiredTunnelBuilder desired = routed();
        node.program(desired);
        node.kernel.watch(events::add);
        awaitRecalled(desired);

        Iproute2.batch(
                "route add 198.18.0.0/15 dev under1",
                "route add 2001:db9::/32 dev under1",
                "route del 198.18.0.0/15 dev under1",
                "link add veth-a type veth peer name veth-b",
                "link delete dev veth-a");

        for (KernelEvent event = next(); event != null; event = next()) {
            assertThat(concerns(event, desired.build())).as(event.toString()).isFalse();
        }
    }

    private KernelEvent next() throws InterruptedException {
        return events.poll(200, TimeUnit.MILLISECONDS);
    }

    @Test
    void what_is_known_is_recalled_without_a_system_call() throws InterruptedException {
        DesiredTunnel desired = routed().build();
        node.program(routed());
        Observation settled = node.observeSettled(desired);
        CountedTransport transport = new CountedTransport(NetlinkSocket.open());
        try (Rtnetlink rtnetlink = new Rtnetlink(transport)) {
            Guards guards = new Guards(List.of(), List.of());
            KernelCache cache = new KernelCache(rtnetlink, guards, new EveryRouteFollowed(), System::nanoTime);
            cache.list();
            TunnelObserver observer = new TunnelObserver(new KernelLookup(
                    cache,
                    cache,
                    new Inet6Sysctls(LinuxTunnelKernel.SYSCTLS),
                    guards,
                    new SurroundingsView(rtnetlink),
                    cache::defaultWays));
            Observation first = observer.recall(desired).orElseThrow();
            int before = transport.sent.get();

            Observation again = observer.recall(desired).orElseThrow();

            assertThat(transport.sent).hasValue(before);
            assertThat(again).isEqualTo(first).isEqualTo(settled);
        }
    }

    private record CountedTransport(NetlinkTransport transport, AtomicInteger sent) implements NetlinkTransport {
        CountedTransport(NetlinkTransport transport) {
            this(transport, new AtomicInteger());
        }

        @Override
        public void send(byte[] message) {
            sent.incrementAndGet();
            transport.send(message);
        }

        @Override
        public Optional<byte[]> receive(Duration timeout) {
            return transport.receive(timeout);
        }

        @Override
        public int portId() {
            return transport.portId();
        }

        @Override
        public void close() {
            transport.close();
        }
    }

    /** As the reconciler of the one reads what the notification for the other is yet to tell. */
    @Test
    void a_change_that_was_read_by_one_tunnel_before_its_notification_came_is_told() {
        DesiredTunnelBuilder desired = routed();
        node.program(desired);
        CountDownLatch read = new CountDownLatch(1);
        node.kernel.watch(event -> {
            await("read", () -> read.getCount() == 0);
            events.add(event);
        });
        awaitEqual(desired);

        Iproute2.run("ip link set under1 mtu 1444");
        node.program(desired.mtu(OptionalInt.of(1333)));
        node.kernel.recall(desired.build());
        read.countDown();

        await("told", () -> events.stream().anyMatch(event -> event.equals(new KernelEvent.LinkChanged("tun", true))));
        awaitEqual(desired);
    }

    /** The kernel removes its IPv4 routes, those to its own addresses too, without a word. */
    @ParameterizedTest
    @ValueSource(strings = {"link set under1 down", "link delete dev under1", "address del 198.51.100.1/24 dev under1"})
    void the_local_address_that_goes_with_another_interface_is_told(String change) {
        DesiredTunnelBuilder desired = routed().local("198.51.100.1");
        node.program(desired);
        node.kernel.watch(events::add);
        awaitRecalled(desired);

        Iproute2.batch(change);

        await("told", () -> events.stream()
                .anyMatch(event -> event instanceof KernelEvent.RouteChanged(var destination)
                        && destination.contains(IpFamily.IPV4.parse("198.51.100.1"))));
        awaitEqual(desired);
    }

    @Test
    void a_burst_of_more_than_the_socket_holds_ends_with_what_the_kernel_holds() {
        DesiredTunnelBuilder desired = routed();
        node.program(desired);
        node.kernel.watch(events::add);
        awaitRecalled(desired);

        for (int round = 0; round < 20; round++) {
            Iproute2.batch(IntStream.range(0, 200)
                    .mapToObj(i -> "link set tun mtu " + (1300 + i % 7))
                    .toArray(String[]::new));
        }

        awaitEqual(desired);
    }

    /** While what waited before is not read, the kernel drops what comes, and says so only once. */
    @Test
    void a_change_right_after_events_were_lost_is_told() {
        DesiredTunnelBuilder desired = routed();
        node.program(desired);
        CountDownLatch reading = new CountDownLatch(1);
        node.kernel.watch(event -> {
            await("reading", () -> reading.getCount() == 0);
            events.add(event);
        });
        for (int round = 0; round < 20; round++) {
            Iproute2.batch(IntStream.range(0, 500)
                    .mapToObj(i -> "link set under1 mtu " + (1300 + i % 7))
                    .toArray(String[]::new));
        }
        reading.countDown();
        await("lost", () -> events.stream().anyMatch(KernelEvent.EverythingChanged.class::isInstance));

        Iproute2.run("ip link set tun mtu 1311");

        awaitEqual(desired);
        assertThat(node.kernel
                        .recall(desired.build())
                        .orElseThrow()
                        .named()
                        .orElseThrow()
                        .mtu())
                .isEqualTo(1311);
    }

    /** With a route through it, and its remote behind a default route. */
    private static DesiredTunnelBuilder routed() {
        if (Iproute2.routes("default").isEmpty()) {
            Iproute2.run("ip route add default dev under0");
        }
        InnerRoute route = new InnerRoute(
                IpPrefix.parse(IpFamily.IPV4, "10.88.0.0/16"), Optional.empty(), InnerRoute.MAIN_TABLE, 0);
        return tunnel("tun", TunnelMode.IPIP)
                .parent(Optional.empty())
                .remote(REMOTE)
                .routes(route);
    }

    private void awaitRecalled(DesiredTunnelBuilder desired) {
        awaitEqual(desired);
        Observation recalled = node.kernel.recall(desired.build()).orElseThrow();
        assertThat(plan(desired, recalled).isEmpty()).isTrue();
        events.clear();
    }

    /** Where surroundings matter, nothing is recalled. */
    private void awaitEqual(DesiredTunnelBuilder desired) {
        await("recalled as observed", () -> {
            Observation observed = node.kernel.observe(desired.build());
            Optional<Observation> recalled = node.kernel.recall(desired.build());
            return observed.needsSurroundings(desired.build())
                    ? recalled.isEmpty()
                    : recalled.equals(Optional.of(observed));
        });
    }

    private void awaitToldOf(DesiredTunnel desired) {
        await("told", () -> events.stream().anyMatch(event -> concerns(event, desired)));
    }

    private static boolean concerns(KernelEvent event, DesiredTunnel desired) {
        return switch (event) {
            case KernelEvent.LinkChanged(var name, var _) ->
                name.equals(desired.interfaceName()) || name.equals("under0");
            case KernelEvent.RouteChanged(var destination) -> destination.contains(desired.remote());
            case KernelEvent.FallbackChanged _ -> false;
            case KernelEvent.EverythingChanged _ -> true;
        };
    }

    private static Plan plan(DesiredTunnelBuilder desired, Observation observed) {
        return (Plan) Planner.plan(desired.build(), observed, ListedClaims.NONE);
    }

    private static void await(String what, BooleanSupplier condition) {
        Instant deadline = Instant.now().plusSeconds(90);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as(what).isBefore(deadline);
        }
    }
}
