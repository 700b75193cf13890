package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.observation.Observation;
import dev.iptunnel.readiness.Readiness;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelMode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Routes and rules of others that come before those of a tunnel: it is ready, and they are named. */
@Tag("kernel")
class DetourKernelTest {
    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    private final BlockingQueue<KernelEvent> events = new LinkedBlockingQueue<>();

    @BeforeEach
    void other_tables() {
        Iproute2.batch("route add default dev under1 table 100");
        Iproute2.run("ip -6 route add default dev under1 table 100");
    }

    @AfterEach
    void the_rules_go() {
        Stream<String> rules = Stream.of("rule delete lookup 100", "rule delete prohibit");
        Stream<String> routes = Stream.of("main", "100", "4000")
                .flatMap(table -> Stream.of("blackhole", "unreachable", "prohibit", "throw")
                        .map(type -> "route flush table " + table + " type " + type));
        Iproute2.tries(Stream.concat(rules, routes)
                .flatMap(command -> Stream.of(command, "-6 " + command))
                .toList());
    }

    private static InnerRoute route(TunnelMode mode, long table) {
        return mode.inner() == IpFamily.IPV4
                ? new InnerRoute(IpPrefix.parse(mode.inner(), "10.50.0.0/16"), Optional.empty(), table, 100)
                : new InnerRoute(IpPrefix.parse(mode.inner(), "fd50::/48"), Optional.empty(), table, 2000);
    }

    private static DesiredTunnelBuilder routed(TunnelMode mode) {
        return tunnel("tun", mode).routes(route(mode, InnerRoute.MAIN_TABLE));
    }

    private Optional<String> remark(DesiredTunnelBuilder desired) {
        Observation observed = node.kernel.observe(desired.build());
        assertThat(Readiness.obstacle(desired.build(), observed)).isEmpty();
        return detours(desired, observed);
    }

    /** Nothing else is of interest here. */
    private static Optional<String> detours(DesiredTunnelBuilder desired, Observation observed) {
        return Readiness.remark(desired.build(), observed).filter(remark -> remark.contains("do not take the tunnel"));
    }

    private static void run(String command) {
        Iproute2.run("ip " + command);
    }

    static Stream<Arguments> detours() {
        return Stream.of(
                named("route add 10.50.128.0/17 dev under1", "10.50.128.0/17 dev under1 (they leave by under1)"),
                named("route add 10.50.64.0/24 dev under1", "10.50.64.0/24 dev under1 (they leave by under1)"),
                named(
                        "route add 10.50.64.4/32 via 198.51.100.9",
                        "10.50.64.4/32 via 198.51.100.9 dev under1 (they leave"),
                named("route add 10.50.0.0/16 dev under1 metric 50", "10.50.0.0/16 dev under1 metric 50 (they leave"),
                named("route prepend 10.50.0.0/16 dev under1 metric 100", "10.50.0.0/16 dev under1 metric 100 (they"),
                named("route add blackhole 10.50.7.0/24", "blackhole 10.50.7.0/24 (they are dropped)"),
                named("route add unreachable 10.50.7.0/24", "unreachable 10.50.7.0/24 (they are refused)"),
                named("route add prohibit 10.50.7.0/24", "prohibit 10.50.7.0/24 (they are refused)"),
                named("route add throw 10.50.7.0/24", "throw 10.50.7.0/24 (they are refused)"),
                named(
                        "route add blackhole 10.50.0.0/16 metric 7",
                        "blackhole 10.50.0.0/16 metric 7 (they are dropped)"),
                named("address add 10.50.7.7/32 dev under1", "local 10.50.7.7 dev under1 (they stay on the node"),
                named("address add 10.50.7.7/24 dev under1", "10.50.7.0/24 dev under1 (they leave by under1)"),
                named(
                        "route add 10.50.7.0/24 nexthop dev under0 nexthop dev under1",
                        "10.50.7.0/24 nexthop dev under0 nexthop dev under1 (they leave by under0 or under1)"),
                named(
                        "route add 10.50.7.0/24 nexthop dev tun nexthop dev under1",
                        "10.50.7.0/24 nexthop dev tun nexthop dev under1 (they leave by tun or under1)"),
                named("rule add to 10.50.0.0/16 lookup 100", "0.0.0.0/0 dev under1 table 100 (they leave by under1)"),
                named("rule add to 10.50.7.0/24 lookup 100", "0.0.0.0/0 dev under1 table 100 (they leave by under1)"),
                named("rule add lookup 100", "0.0.0.0/0 dev under1 table 100 (they leave by under1)"),
                named("rule add to 10.50.7.0/24 prohibit", "prohibit 10.50.7.0/24 of a rule (they are refused)"),
                named("route add 10.9.0.2/32 dev under1", "10.9.0.2/32 dev under1 (they leave by under1)"),
                named("route prepend 10.9.0.0/30 dev under1", "10.9.0.0/30 dev under1 (they leave by under1)"),
                named6("route add fd50:0:0:8000::/49 dev under1", "fd50:0:0:8000::/49 dev under1 metric 1024 (they"),
                named6("route add fd50:0:0:7::/64 dev under1", "fd50:0:0:7::/64 dev under1 metric 1024 (they leave by"),
                named6("route add fd50::/48 dev under1 metric 50", "fd50::/48 dev under1 metric 50 (they leave by"),
                named6("route add blackhole fd50:0:0:7::/64", "blackhole fd50:0:0:7::/64"),
                named6("route add unreachable fd50:0:0:7::/64", "unreachable fd50:0:0:7::/64"),
                named6("route add prohibit fd50:0:0:7::/64", "prohibit fd50:0:0:7::/64"),
                named6("route add throw fd50:0:0:7::/64", "throw fd50:0:0:7::/64"),
                named6("address add fd50:0:0:7::7/128 dev under1 nodad", "local fd50:0:0:7::7 dev under1 (they stay"),
                named6("address add fd50:0:0:7::7/64 dev under1 nodad", "fd50:0:0:7::/64 dev under1 metric 256 (they"),
                named6("rule add to fd50::/48 lookup 100", "::/0 dev under1 table 100 metric 1024 (they leave by"),
                named6("rule add to fd50:0:0:7::/64 lookup 100", "::/0 dev under1 table 100 metric 1024 (they leave"),
                named6("route add fd09::8000:0:0:0/65 dev under1", "fd09::8000:0:0:0/65 dev under1 metric 1024 (they"),
                named6("route add fd09::/64 dev under1 metric 5", "fd09::/64 dev under1 metric 5 (they leave by"));
    }

    private static Arguments named(String commands, String told) {
        return Arguments.of(TunnelMode.IPIP, commands, told);
    }

    private static Arguments named6(String commands, String told) {
        return Arguments.of(TunnelMode.IP6IP6, "-6 " + commands, told);
    }

    @ParameterizedTest
    @MethodSource("detours")
    void what_comes_before_the_tunnel_is_named(TunnelMode mode, String commands, String told) {
        node.program(routed(mode));
        assertThat(remark(routed(mode))).isEmpty();

        run(commands);

        assertThat(remark(routed(mode)).orElse("")).contains(told);
    }

    @ParameterizedTest
    @MethodSource("detours")
    void it_is_followed_as_it_comes_and_goes(TunnelMode mode, String commands, String told) throws Exception {
        node.program(routed(mode));
        node.kernel.watch(events::add);
        assertThat(remark(routed(mode))).isEmpty();

        run(commands);

        awaitRemark(routed(mode), told);
        events.clear();
        run(commands.replace(" add ", " del ").replace(" prepend ", " del "));

        awaitRemark(routed(mode), "");
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, address add 10.50.7.0/32 dev under0, route add 10.50.7.0/24 dev under1, 10.50.7.0/24 dev under1 (they",
        "IPIP, address add 10.50.7.0/32 dev under0, route add blackhole 10.50.7.0/26, blackhole 10.50.7.0/26 (they",
        "IPIP, address add 10.50.7.0/31 dev under0, route add throw 10.50.7.0/26, throw 10.50.7.0/26 (they",
        "IPIP, route add 10.50.16.0/24 dev tun, route add 10.50.16.0/20 dev under1, 10.50.16.0/20 dev under1 (they",
        "IP6IP6, -6 address add fd50:0:0:7::/128 dev under0 nodad, -6 route add fd50:0:0:7::/64 dev under1,"
                + " fd50:0:0:7::/64 dev under1 metric 1024 (they",
        "IP6IP6, -6 address add fd50:0:0:7::/128 dev under0 nodad, -6 route add blackhole fd50:0:0:7::/66,"
                + " blackhole fd50:0:0:7::/66",
        "IP6IP6, -6 route add fd50:0:0:10::/64 dev tun, -6 route add fd50:0:0:10::/60 dev under1,"
                + " fd50:0:0:10::/60 dev under1 metric 1024 (they",
    })
    void a_route_whose_first_address_takes_another_way_is_named(
            TunnelMode mode, String first, String route, String told) {
        node.program(routed(mode));

        run(first);
        run(route);

        assertThat(remark(routed(mode)).orElse("")).contains(told);
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, 10.50.16.0/24, 10.50.17.0/24, route add 10.50.16.0/20 dev under1",
        "IP6IP6, fd50:0:0:10::/64, fd50:0:0:11::/64, -6 route add fd50:0:0:10::/60 dev under1",
    })
    void a_route_that_begins_with_routes_of_other_tunnels_is_named(
            TunnelMode mode, String first, String second, String commands) {
        DesiredTunnelBuilder other = tunnel("other", mode)
                .remote(mode.inner() == IpFamily.IPV4 ? "192.0.2.77" : "2001:db8::77")
                .addresses(mode.inner() == IpFamily.IPV4 ? "10.8.0.1/30" : "fd08::1/64")
                .routes(Stream.of(first, second)
                        .map(destination -> new InnerRoute(
                                IpPrefix.parse(mode.inner(), destination), Optional.empty(), InnerRoute.MAIN_TABLE, 7))
                        .toArray(InnerRoute[]::new));
        node.program(routed(mode));
        node.program(other);

        run(commands);

        assertThat(remark(routed(mode)).orElse("")).contains(commands.replaceAll(".* add ", ""));
    }

    /** An event wakes the tunnel, and then it is seen, without anything being read but what is known to have changed. */
    private void awaitRemark(DesiredTunnelBuilder desired, String told) throws InterruptedException {
        Instant deadline = Instant.now().plusSeconds(30);
        boolean woken = false;
        while (true) {
            woken |= events.poll() != null;
            Optional<Observation> recalled = woken ? node.kernel.recall(desired.build()) : Optional.empty();
            String remark =
                    recalled.flatMap(observed -> detours(desired, observed)).orElse("");
            if (recalled.isPresent() && (told.isEmpty() ? remark.isEmpty() : remark.contains(told))) {
                return;
            }
            assertThat(Instant.now())
                    .withFailMessage("woken: %s, remark: %s", woken, remark)
                    .isBefore(deadline);
            Thread.sleep(5);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, route add 10.50.7.0/24 dev tun",
        "IPIP, route add 10.0.0.0/8 dev under1",
        "IPIP, route add 10.50.0.0/16 dev under1 metric 200",
        "IPIP, route add 10.51.0.0/16 dev under1",
        "IPIP, route add 10.50.7.0/24 dev under1 table 77",
        "IPIP, rule add from 10.66.0.0/16 lookup 100",
        "IPIP, rule add to 10.51.0.0/16 lookup 100",
        "IPIP, rule add pref 32780 lookup 100",
        "IP6IP6, -6 route add fd50:0:0:7::/64 dev tun",
        "IP6IP6, -6 route add fd00::/8 dev under1",
        "IP6IP6, -6 route add fd50::/48 dev under1 metric 3000",
        "IP6IP6, -6 rule add from fd66::/48 lookup 100",
    })
    void what_takes_no_packets_from_the_tunnel_is_not_named(TunnelMode mode, String commands) {
        node.program(routed(mode));

        run(commands);

        assertThat(remark(routed(mode))).isEmpty();
        node.kernel.watch(events::add);
        assertThat(remark(routed(mode))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"IPIP", "IP6IP6"})
    void another_tunnel_of_ours_is_no_detour(TunnelMode mode) {
        boolean ipv4 = mode.inner() == IpFamily.IPV4;
        DesiredTunnelBuilder other = tunnel("other", mode)
                .remote(ipv4 ? "192.0.2.77" : "2001:db8::77")
                .addresses(ipv4 ? "10.50.9.1/24" : "fd50:0:0:9::1/64")
                .routes(new InnerRoute(
                        IpPrefix.parse(mode.inner(), ipv4 ? "10.50.7.0/24" : "fd50:0:0:7::/64"),
                        Optional.empty(),
                        InnerRoute.MAIN_TABLE,
                        0));
        node.program(routed(mode));
        node.program(other);

        assertThat(remark(routed(mode))).isEmpty();
        node.kernel.watch(events::add);
        assertThat(remark(routed(mode))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, route add 10.50.7.0/24 dev under1 table 100, 10.50.7.0/24 dev under1 (they",
        "IPIP, route add blackhole 10.50.7.0/24 table 100, blackhole 10.50.7.0/24 (they",
        "IPIP, route add 10.50.0.0/16 dev under1 table 100 metric 5, 10.50.0.0/16 dev under1 metric 5 (they",
        "IPIP, route add 10.50.7.0/24 dev under1, ''",
        "IP6IP6, -6 route add fd50:0:0:7::/64 dev under1 table 100, fd50:0:0:7::/64 dev under1 metric 1024 (they",
        "IP6IP6, -6 route add fd50:0:0:7::/64 dev under1, ''",
    })
    void in_a_table_that_some_packets_use_its_own_routes_count(TunnelMode mode, String commands, String told) {
        DesiredTunnelBuilder desired = tunnel("tun", mode).routes(route(mode, 100));
        node.program(desired);
        assertThat(remark(desired)).isEmpty();

        run(commands);

        assertThat(remark(desired).orElse("")).matches(told.isEmpty() ? "" : ".*\\Q" + told + "\\E.*");
        run((mode.inner() == IpFamily.IPV4 ? "-4" : "-6") + " rule add fwmark 7 lookup 100");
        assertThat(remark(desired).isPresent()).isEqualTo(!told.isEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, route add 10.50.7.0/24 dev red table 4000, 10.50.7.0/24 dev red (they",
        "IPIP, route add blackhole 10.50.7.0/24 table 4000, blackhole 10.50.7.0/24 (they",
        "IPIP, route add 10.50.7.0/24 dev under1, ''",
        "IP6IP6, -6 route add fd50:0:0:7::/64 dev red table 4000, fd50:0:0:7::/64 dev red metric 1024 (they",
        "IP6IP6, -6 route add blackhole fd50:0:0:7::/64 table 4000, blackhole fd50:0:0:7::/64",
        "IP6IP6, -6 route add fd50:0:0:7::/64 dev under1, ''",
    })
    void in_a_vrf_its_table_counts(TunnelMode mode, String commands, String told) {
        Iproute2.batch("link add red type vrf table 4000", "link set red up");
        node.program(routed(mode));
        Iproute2.run("ip link set tun master red");
        node.program(routed(mode));
        assertThat(remark(routed(mode))).isEmpty();

        run(commands);

        assertThat(remark(routed(mode)).orElse("")).matches(told.isEmpty() ? "" : ".*\\Q" + told + "\\E.*");
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, 0.0.0.0/0, route add 10.50.7.0/24 dev under1, false",
        "IPIP, 0.0.0.0/0, route add default dev under1 metric 5, true",
        "IP6IP6, ::/0, -6 route add fd50:0:0:7::/64 dev under1, false",
        "IP6IP6, ::/0, -6 route add default dev under1 metric 5, true",
    })
    void of_a_default_route_only_another_one_is_named(
            TunnelMode mode, String destination, String commands, boolean told) {
        DesiredTunnelBuilder desired = tunnel("tun", mode)
                .allowIsolation()
                .routes(new InnerRoute(
                        IpPrefix.parse(mode.inner(), destination), Optional.empty(), InnerRoute.MAIN_TABLE, 3000));
        node.program(desired);

        run(commands);

        assertThat(remark(desired).isPresent()).isEqualTo(told);
    }

    @Test
    void of_many_the_first_are_named() {
        node.program(routed(TunnelMode.IPIP));
        List<String> routes = IntStream.range(0, 20)
                .mapToObj(i -> "route add 10.50." + i + ".0/24 dev under1")
                .toList();
        Iproute2.batch(routes.subList(0, 5).toArray(String[]::new));
        assertThat(remark(routed(TunnelMode.IPIP)).orElseThrow())
                .contains("10.50.0.0/24 dev", "10.50.1.0/24 dev", "10.50.2.0/24 dev")
                .doesNotContain("10.50.3.0/24")
                .contains("and 2 more");

        Iproute2.batch(routes.subList(5, 20).toArray(String[]::new));

        assertThat(remark(routed(TunnelMode.IPIP)).orElseThrow()).contains("and more than 8 more");
    }

    @Test
    void routes_that_go_untold_with_their_interface_are_named_no_longer() throws Exception {
        Iproute2.run("ip route add 10.50.7.0/24 dev under1");
        node.program(routed(TunnelMode.IPIP));
        node.kernel.watch(events::add);
        assertThat(remark(routed(TunnelMode.IPIP))).isPresent();

        Iproute2.run("ip link set under1 down");

        awaitRemark(routed(TunnelMode.IPIP), "");
        Iproute2.batch("link set under1 up", "route add 10.50.7.0/24 dev under1");
        awaitRemark(routed(TunnelMode.IPIP), "10.50.7.0/24 dev under1");
        events.clear();

        Iproute2.run("ip address flush dev under1");

        awaitRemark(routed(TunnelMode.IPIP), "");
    }
}
