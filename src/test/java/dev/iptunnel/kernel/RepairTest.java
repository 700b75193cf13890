package dev.iptunnel.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.api.IpTunnels;
import dev.iptunnel.api.v1alpha1.IpTunnelSpec;
import dev.iptunnel.chaos.RepairTimes;
import dev.iptunnel.kernel.NodeSnapshot.Device;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.TunnelMode;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever somebody does to a tunnel is put right, and what happens around it is followed, by the events alone. How long
 * it takes, from the first event of what was done to the last of what was done about it, is printed.
 */
@Tag("repair")
class RepairTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);
    /** So much less than at first a parent can carry later. */
    private static final int LESS = 100;

    private static final RepairTimes times = new RepairTimes();

    @RegisterExtension
    static final EventTimes events = new EventTimes();

    @RegisterExtension
    static final RunningAgent agent = new RunningAgent();

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    @RegisterExtension
    final Networkd networkd = new Networkd();

    @AfterAll
    static void report() {
        System.out.println("repair times in seconds, by rtnetlink's events:\n" + times);
    }

    @AfterEach
    void deleteTunnel() {
        agent.delete("tun");
        await("removed by the agent", () -> !Iproute2.exists("tun"));
    }

    /**
     * What somebody does to a field.
     *
     * @param ipv4 a command of ip(8) for a tunnel in IPv4; empty where there is none
     * @param ipv6 for one in IPv6
     */
    private record Hand(String field, String ipv4, String ipv6) {
        static Hand ofAny(String field, String command) {
            return new Hand(field, command, command);
        }

        String command(TunnelMode mode) {
            boolean inner4 = mode.inner() == IpFamily.IPV4;
            return (mode.outer() == IpFamily.IPV4 ? ipv4 : ipv6)
                    .replace("KIND", mode.driver().kind())
                    .replace("ADDRESS", inner4 ? "10.9.0.1/30" : "fd09::1/64")
                    .replace("ROUTE", inner4 ? "10.50.0.0/16" : "fd50::/48");
        }
    }

    private static final List<Hand> HANDS = List.of(
            Hand.ofAny("deleted", "ip link delete dev tun"),
            Hand.ofAny("mark", "ip link set dev tun alias somebodys"),
            Hand.ofAny("adminState", "ip link set dev tun down"),
            Hand.ofAny("mtu", "ip link set dev tun mtu 1300"),
            Hand.ofAny("addresses", "ip address delete ADDRESS dev tun"),
            Hand.ofAny("routes", "ip route delete ROUTE dev tun"),
            Hand.ofAny("fwmark", "ip link set dev tun type KIND fwmark 7"),
            new Hand("ttl", "ip tunnel change tun ttl 9", "ip -6 tunnel change tun hoplimit 9"),
            new Hand("dscp", "ip tunnel change tun tos 0x28", "ip -6 tunnel change tun tclass 0x28"),
            new Hand("remote", "ip tunnel change tun remote 192.0.2.77", "ip -6 tunnel change tun remote 2001:db8::77"),
            new Hand("local", "ip tunnel change tun local 192.0.2.77", "ip -6 tunnel change tun local 2001:db8::77"),
            new Hand("parent", "ip tunnel change tun dev under1", "ip -6 tunnel change tun dev under1"),
            new Hand("encapsulationLimit", "", "ip -6 tunnel change tun encaplimit 9"),
            new Hand("flowLabel", "", "ip -6 tunnel change tun flowlabel 0x77"));

    static Stream<Arguments> hands() {
        return HANDS.stream().flatMap(hand -> Stream.of(TunnelMode.values())
                .filter(mode -> !hand.command(mode).isEmpty())
                .map(mode -> Arguments.of(hand.field(), mode, hand.command(mode))));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("hands")
    void what_somebody_does_to_a_tunnel_is_put_right(String field, TunnelMode mode, String command) {
        Device before = create(spec(mode));

        putRight(field, before, command);

        if (!field.equals("deleted")) {
            assertThat(device().ifindex()).isEqualTo(before.ifindex());
        }
    }

    /** One that is down: before Linux 6.2 no other can be renamed, and the agent would have it up again in between. */
    @ParameterizedTest
    @EnumSource
    void a_tunnel_that_somebody_renames_gets_its_name_back(TunnelMode mode) {
        Device before = create(IpTunnels.with(spec(mode), "adminState: Down"));

        putRight("renamed", before, "ip link set dev tun name stray");

        assertThat(Iproute2.exists("stray")).isFalse();
        assertThat(device().ifindex()).isEqualTo(before.ifindex());
    }

    @ParameterizedTest
    @EnumSource(names = {"IPIP", "SIT"})
    void a_path_mtu_discovery_that_somebody_turns_off_is_put_right(TunnelMode mode) {
        Device before = create(IpTunnels.with(spec(mode), "ttl: inherit"));

        putRight("pathMtuDiscovery", before, "ip tunnel change tun nopmtudisc");
    }

    @ParameterizedTest
    @EnumSource(names = {"IPIP", "IPIP6"})
    void the_reverse_path_filter_that_somebody_sets_is_put_right(TunnelMode mode) {
        create(IpTunnels.with(spec(mode), "reversePathFilter: Loose"));

        times.add(
                "reversePathFilter",
                timeUntil(_ -> rpFilter() == 2, List.of("sysctl -w net.ipv4.conf.tun.rp_filter=1")));
    }

    @ParameterizedTest
    @EnumSource
    void the_mtu_of_the_parent_is_followed(TunnelMode mode) {
        follow("mtu of the parent", spec(mode), List.of("ip link set dev under0 mtu 1400"));
    }

    @ParameterizedTest
    @EnumSource
    void a_parent_that_went_and_came_back_is_followed(TunnelMode mode) {
        List<String> commands = Stream.concat(
                        Stream.of("link delete dev under0", "link add under0 mtu 1400 type dummy"),
                        TunnelNode.configuration("under0", TunnelNode.UNDER0))
                .map(command -> "ip " + command)
                .toList();

        follow("parent made anew", spec(mode), commands);
    }

    @ParameterizedTest
    @EnumSource
    void a_parent_that_went_down_and_came_up_is_followed(TunnelMode mode) {
        follow(
                "parent down and up",
                spec(mode),
                List.of(
                        "ip link set dev under0 down",
                        "ip link set dev under0 mtu 1400",
                        "ip link set dev under0 up",
                        "ip -6 address replace 2001:db8::1/64 dev under0 nodad"));
    }

    @ParameterizedTest
    @EnumSource
    void the_route_to_the_remote_is_followed(TunnelMode mode) {
        boolean ipv4 = mode.outer() == IpFamily.IPV4;
        Iproute2.batch("link set dev under1 mtu 1400");

        follow(
                "route to the remote",
                IpTunnels.with(
                        spec(mode),
                        """
                        localFrom: null
                        parent: null
                        local: "%s"
                        """
                                .formatted(ipv4 ? "192.0.2.1" : "2001:db8::1")),
                List.of(ipv4 ? "ip route add 192.0.2.2 dev under1" : "ip -6 route add 2001:db8::2 dev under1"));
    }

    @ParameterizedTest
    @EnumSource
    void the_address_of_the_parent_is_followed(TunnelMode mode) {
        boolean ipv4 = mode.outer() == IpFamily.IPV4;
        int ifindex = create(spec(mode)).ifindex();

        times.add(
                "address of the parent",
                timeUntil(
                        now -> now.tunnel().at("/info_data/local").asText().equals(ipv4 ? "192.0.2.7" : "2001:db8::7"),
                        ipv4
                                ? List.of(
                                        "ip address delete 192.0.2.1/24 dev under0",
                                        "ip address add 192.0.2.7/24 dev under0")
                                : List.of(
                                        "ip address delete 2001:db8::1/64 dev under0",
                                        "ip address add 2001:db8::7/64 dev under0 nodad")));

        assertThat(device().ifindex()).isEqualTo(ifindex);
    }

    @Test
    void the_Event_says_so_where_systemd_networkd_seems_to_be_the_one_who_takes_addresses_away() {
        create(spec(TunnelMode.IPIP));

        networkd.start("[Match]\nName=tun\n");

        await("told", () -> agent.events("TunnelRepaired").stream()
                .anyMatch(note -> note.startsWith("somebody else changed it (systemd-networkd or NetworkManager seems")
                        && note.contains("ip address add 10.9.0.1/30 dev tun")));
    }

    /** Also as an alternative name does, and whether it is asked for or not. */
    @ParameterizedTest
    @EnumSource(names = {"IPIP", "IP6IP6"})
    void a_tunnel_stays_in_its_vrf(TunnelMode mode) {
        Iproute2.batch("link add red type vrf table 4000", "link set red up");
        Device before = create(IpTunnels.with(spec(mode), "vrf: red"));
        assertThat(Iproute2.run("ip link show dev tun")).contains("master red");

        putRight("vrf", before, "ip link set dev tun nomaster");
        assertThat(device().ifindex()).isEqualTo(before.ifindex());
        putRight("vrf, deleted", before, "ip link delete dev tun");
        int ifindex = device().ifindex();
        Iproute2.run("ip link delete dev red");
        await("down while there is no VRF", () -> Iproute2.run("ip link show dev tun")
                .contains("state DOWN"));

        Iproute2.batch("link add red type vrf table 4000", "link set red up");

        await("in its VRF again", () -> NodeSnapshot.look()
                .named("tun")
                .filter(now -> now.state().isLike(before.state()))
                .isPresent());
        assertThat(device().ifindex()).isEqualTo(ifindex);
    }

    @ParameterizedTest
    @EnumSource(names = {"IPIP", "IP6IP6"})
    void a_tunnel_that_somebody_put_into_a_vrf_and_deleted_is_made_anew_there(TunnelMode mode) {
        Iproute2.batch("link add red type vrf table 4000", "link set red up");
        create(spec(mode));
        String destination = mode.inner() == IpFamily.IPV4 ? "10.50.0.0/16" : "fd50::/48";
        String routes = "ip -" + (mode.inner() == IpFamily.IPV4 ? 4 : 6) + " route show table 4000";
        Iproute2.run("ip link set dev tun master red");
        await("followed into the VRF", () -> Iproute2.run(routes).contains(destination));
        events.awaitQuiet();
        int ifindex = device().ifindex();

        Iproute2.run("ip link delete dev tun");

        await("in the VRF again", () -> Iproute2.run(routes).contains(destination));
        assertThat(device().ifindex()).isNotEqualTo(ifindex);
    }

    @ParameterizedTest
    @EnumSource(names = {"IPIP", "IP6IP6"})
    void what_takes_packets_from_a_tunnel_is_told_as_it_comes_and_goes(TunnelMode mode) {
        create(spec(mode));
        String route = mode.inner() == IpFamily.IPV4 ? "10.50.7.0/24" : "fd50:0:0:7::/64";

        Iproute2.run("ip route add " + route + " dev under1");

        await("told", () -> agent.ready("tun").contains(route + " dev under1"));
        Iproute2.run("ip route delete " + route + " dev under1");

        await("told no longer", () -> !agent.ready("tun").contains(route));
    }

    private static void follow(String what, IpTunnelSpec spec, List<String> commands) {
        Device before = create(spec);

        times.add(what, timeUntil(now -> now.mtu() == before.mtu() - LESS, commands));

        assertThat(device().ifindex()).isEqualTo(before.ifindex());
    }

    private static IpTunnelSpec spec(TunnelMode mode) {
        boolean inner4 = mode.inner() == IpFamily.IPV4;
        return IpTunnels.spec(
                """
                nodeName: %s
                mode: %s
                localFrom: {type: Parent}
                remote: %s
                parent: under0
                addresses: [{address: %s}]
                routes: [{destination: %s}]
                """,
                RunningAgent.NODE,
                mode,
                mode.outer() == IpFamily.IPV4 ? "192.0.2.2" : "2001:db8::2",
                inner4 ? "10.9.0.1/30" : "fd09::1/64",
                inner4 ? "10.50.0.0/16" : "fd50::/48");
    }

    private static Device create(IpTunnelSpec spec) {
        agent.create("tun", spec);
        events.awaitQuiet();
        return device();
    }

    private static void putRight(String field, Device before, String command) {
        times.add(
                field,
                timeUntil(
                        now -> now.alias().equals(before.alias()) && now.state().isLike(before.state()),
                        List.of(command)));
    }

    private static Device device() {
        return NodeSnapshot.look().named("tun").orElseThrow(() -> new AssertionError("the tunnel is not there"));
    }

    private static int rpFilter() {
        return Expert.setting("ipv4/conf/tun/rp_filter");
    }

    /** Types the commands, waits until the tunnel is right, and says how long that took from what the last of them did. */
    private static Duration timeUntil(Predicate<Device> right, List<String> commands) {
        Instant start;
        try (Expert expert = new Expert()) {
            expert.type(commands.subList(0, commands.size() - 1));
            start = Instant.now().truncatedTo(ChronoUnit.MICROS);
            expert.type(commands.getLast());
        }
        await("right", () -> NodeSnapshot.look().named("tun").filter(right).isPresent());
        return events.between(start, Instant.now());
    }

    private static void await(String what, BooleanSupplier so) {
        Instant deadline = Instant.now().plus(PATIENCE);
        do {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("not " + what + " after " + PATIENCE + ": " + NodeSnapshot.look());
            }
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
        } while (!so.getAsBoolean());
    }
}
