package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.diagnosis.Check;
import dev.iptunnel.diagnosis.Diagnosis;
import dev.iptunnel.diagnosis.Finding;
import dev.iptunnel.diagnosis.Result;
import dev.iptunnel.diagnosis.Traffic;
import dev.iptunnel.diagnosis.TunnelFacts;
import dev.iptunnel.kernel.examine.CounterReading;
import dev.iptunnel.kernel.examine.Examination;
import dev.iptunnel.kernel.examine.Subject;
import dev.iptunnel.kernel.linux.LinuxTunnelKernel;
import dev.iptunnel.kernel.read.Guards;
import dev.iptunnel.libc.NetlinkSocket;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.planner.ListedClaims;
import dev.iptunnel.tunnel.BirthGroup;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelMode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Faults made on purpose: the diagnosis names each by its cause. */
@Tag("kernel")
class DiagnosisKernelTest {
    @RegisterExtension
    @Order(1)
    final TunnelNode node = new TunnelNode();

    @RegisterExtension
    @Order(2)
    final Peer peer = new Peer();

    private final Examination examination = new Examination(
            new Rtnetlink(NetlinkSocket.open()),
            new Guards(List.of(), TunnelNode.PROTECTED),
            LinuxTunnelKernel.SYSCTLS);
    private String undo = "true";

    @AfterEach
    void undoAndClose() {
        shell(undo);
        examination.close();
    }

    private static void shell(String command) {
        Iproute2.run(List.of("sh", "-c", command));
    }

    /** Does something to the node that outlives its interfaces. */
    private void shell(String command, String undoing) {
        undo = undoing + "; " + undo;
        shell(command);
    }

    private Diagnosis diagnose() {
        return diagnose(Optional.empty(), () -> {});
    }

    private Diagnosis diagnose(DesiredTunnelBuilder desired) {
        return diagnose(Optional.of(desired), () -> {});
    }

    private Diagnosis diagnose(Optional<DesiredTunnelBuilder> desired, Runnable traffic) {
        CounterReading before = examination.counters(List.of("tun"));
        TunnelFacts facts =
                examination.examine(new Subject("tun", desired.map(DesiredTunnelBuilder::build), ListedClaims.NONE));
        traffic.run();
        CounterReading after = examination.counters(List.of("tun"));
        return Diagnosis.of(facts, Optional.of(Traffic.of(Duration.ofSeconds(2), before.of(facts), after.of(facts))));
    }

    /** From the node to the other end of the tunnel. */
    private static void ping(TunnelMode mode) {
        shell("ping -c 10 -i 0.05 -W 1 " + (mode.inner() == IpFamily.IPV4 ? "10.9.0.2" : "fd09::2") + " || true");
    }

    private static void assertCause(Diagnosis diagnosis, Check check, String... words) {
        assertThat(diagnosis.rootCause())
                .as(diagnosis.toString())
                .map(Finding::check)
                .contains(check);
        assertThat(diagnosis.summary()).contains(words);
    }

    private static void assertCause(Diagnosis diagnosis, Check check, Reason reason, String... words) {
        assertCause(diagnosis, check, words);
        assertThat(diagnosis.rootCause().flatMap(Finding::reason)).contains(reason);
    }

    private static String ip(TunnelMode mode) {
        return mode.outer() == IpFamily.IPV4 ? "ip " : "ip -6 ";
    }

    private static String local(TunnelMode mode) {
        String network = localNetwork(mode);
        return network.substring(0, network.indexOf('/'));
    }

    private static String localNetwork(TunnelMode mode) {
        return mode.outer() == IpFamily.IPV4 ? "192.0.2.1/24" : "2001:db8::1/64";
    }

    private static String remote(TunnelMode mode) {
        return mode.outer() == IpFamily.IPV4 ? "192.0.2.2" : "2001:db8::2";
    }

    private static InnerRoute route(String network, long metric) {
        return new InnerRoute(IpPrefix.parse(IpFamily.IPV4, network), Optional.empty(), InnerRoute.MAIN_TABLE, metric);
    }

    @ParameterizedTest
    @EnumSource
    void a_tunnel_with_traffic_has_no_failure_and_no_warning(TunnelMode mode) {
        node.program(tunnel("tun", mode));
        Peer.tunnel(mode);

        for (Optional<DesiredTunnelBuilder> desired :
                List.of(Optional.<DesiredTunnelBuilder>empty(), Optional.of(tunnel("tun", mode)))) {
            Diagnosis diagnosis = diagnose(desired, () -> ping(mode));

            assertThat(diagnosis.findings()).hasSize(Check.values().length);
            assertThat(diagnosis.findings())
                    .extracting(Finding::outcome)
                    .as(diagnosis.toString())
                    .containsOnly(Result.OK, Result.SKIPPED);
            assertThat(diagnosis.findings(Result.OK)).anySatisfy(finding -> assertThat(finding.seen())
                    .matches("\\d+ packets out and \\d+ in within 2.0 s"));
        }
    }

    @Test
    void a_missing_interface() {
        assertCause(diagnose(), Check.INTERFACE, "there is no interface tun");
        assertCause(diagnose(tunnel("tun", TunnelMode.SIT)), Check.INTERFACE, "there is no interface tun");
    }

    @Test
    void a_renamed_interface() {
        node.program(tunnel("tun", TunnelMode.IPIP));
        Iproute2.batch("link set tun down", "link set tun name moved", "link set moved up");

        assertCause(diagnose(tunnel("tun", TunnelMode.IPIP)), Check.INTERFACE, "its mark is on moved");
    }

    @Test
    void an_interface_of_the_name_that_is_no_tunnel() {
        Iproute2.batch("link add tun type dummy");

        assertCause(diagnose(), Check.INTERFACE, Reason.INTERFACE_NAME_CONFLICT, "is no tunnel");
    }

    @Test
    void a_tunnel_of_another_manager() {
        node.program(tunnel("tun", TunnelMode.IPIP));
        Iproute2.run(List.of(
                "ip",
                "link",
                "set",
                "dev",
                "tun",
                "alias",
                "iptunnel.dev/v1 manager=other uid=u deletion=Delete name=theirs"));

        assertCause(
                diagnose(tunnel("tun", TunnelMode.IPIP)),
                Check.OWNER,
                Reason.INTERFACE_NAME_CONFLICT,
                "\"theirs\"",
                "manager other");
    }

    @Test
    void a_tunnel_that_an_agent_did_not_finish() {
        Iproute2.batch("link add tun group " + BirthGroup.of(TunnelNode.MANAGER)
                + " type ipip local 192.0.2.1 remote 192.0.2.2");

        assertCause(diagnose(), Check.OWNER, "ended before it marked it");
    }

    @ParameterizedTest
    @EnumSource
    void a_parameter_that_somebody_changed(TunnelMode mode) {
        node.program(tunnel("tun", mode));
        Iproute2.run("ip tunnel change tun mode " + mode + " local "
                + local(mode) + " remote " + remote(mode) + " dev under0 ttl 7"
                + (mode.outer() == IpFamily.IPV6 ? " encaplimit none" : ""));

        assertCause(diagnose(tunnel("tun", mode)), Check.PARAMETERS, "ttl 7, not 64");
    }

    @Test
    void a_parent_that_is_gone() {
        node.program(tunnel("tun", TunnelMode.IPIP).parent("under1"));
        Iproute2.batch("link delete under1");

        assertCause(diagnose(), Check.PARENT, Reason.PARENT_NOT_FOUND, "does not exist any more");
    }

    @ParameterizedTest
    @EnumSource
    void a_parent_that_is_down(TunnelMode mode) {
        node.program(tunnel("tun", mode));
        Iproute2.batch("link set under0 down");

        assertCause(diagnose(), Check.PARENT, Reason.PARENT_DOWN, "parent under0 is down");
        assertCause(diagnose(tunnel("tun", mode)), Check.PARENT, Reason.PARENT_DOWN, "parent under0 is down");
    }

    @ParameterizedTest
    @EnumSource
    void a_parent_without_a_carrier(TunnelMode mode) {
        node.program(tunnel("tun", mode));
        Peer.run("link set wire down");
        Iproute2.awaitOperState("under0", "LOWERLAYERDOWN");

        assertCause(diagnose(), Check.PARENT, Reason.PARENT_DOWN, "no carrier");
    }

    @ParameterizedTest
    @EnumSource(names = {"IP6IP6", "IPIP6"})
    void a_parent_whose_ipv6_is_disabled(TunnelMode mode) {
        node.program(tunnel("tun", mode));
        shell("echo 1 > /proc/sys/net/ipv6/conf/under0/disable_ipv6");

        assertCause(diagnose(), Check.PARENT, Reason.IPV6_DISABLED, "under0.disable_ipv6 is 1");
    }

    @Test
    void a_vrf_that_is_down() {
        Iproute2.batch("link add blue type vrf table 77", "link set blue up");
        node.program(tunnel("tun", TunnelMode.IPIP).vrf("blue"));
        Iproute2.batch("link set blue down");

        assertCause(diagnose(), Check.VRF, Reason.VRF_DOWN, "the VRF blue is down");
    }

    @ParameterizedTest
    @EnumSource
    void a_tunnel_that_is_down(TunnelMode mode) {
        node.program(tunnel("tun", mode));
        Iproute2.batch("link set tun down");

        assertCause(diagnose(), Check.STATE, Reason.LINK_DOWN, "interface tun is down");
        assertCause(diagnose(tunnel("tun", mode)), Check.STATE, Reason.LINK_DOWN, "interface tun is down");
    }

    @ParameterizedTest
    @EnumSource
    void a_local_address_that_the_node_lost(TunnelMode mode) {
        node.program(tunnel("tun", mode));
        Iproute2.batch("address delete " + localNetwork(mode) + " dev under0");

        assertCause(
                diagnose(),
                Check.LOCAL_ADDRESS,
                Reason.LOCAL_ADDRESS_NOT_FOUND,
                "does not have the address " + local(mode));
    }

    @Test
    void a_local_address_that_another_machine_has_as_well() {
        node.program(tunnel("tun", TunnelMode.IP6IP6));
        Peer.run("address add 2001:db8::1/64 dev wire nodad");
        Iproute2.batch("address delete 2001:db8::1/64 dev under0");
        shell("echo 1 > /proc/sys/net/ipv6/conf/under0/dad_transmits");
        Iproute2.batch("address add 2001:db8::1/64 dev under0");
        shell(
                "for i in $(seq 50); do ip -6 address show dev under0 | grep -q dadfailed && exit 0; sleep 0.1; done; exit 1");

        assertCause(diagnose(), Check.LOCAL_ADDRESS, "another machine", "dadfailed");
    }

    @ParameterizedTest
    @EnumSource
    void another_tunnel_that_gets_its_packets(TunnelMode mode) {
        node.program(tunnel("tun", mode).parent(Optional.empty()));
        String kind = mode.driver().kind() + (mode.outer() == IpFamily.IPV6 ? " mode any" : "");
        Iproute2.batch(
                "link add taker type " + kind + " local " + local(mode) + " remote " + remote(mode) + " dev under0",
                "link set taker up");

        assertCause(diagnose(), Check.ENDPOINTS, Reason.ENDPOINT_CONFLICT, "interface taker");
    }

    @ParameterizedTest
    @EnumSource
    void a_rule_that_keeps_its_packets_from_the_main_table(TunnelMode mode) {
        node.program(tunnel("tun", mode).parent(Optional.empty()));
        String rule = "from " + local(mode) + " lookup 1000 priority 100";
        shell(
                ip(mode) + "route add blackhole default table 1000 && " + ip(mode) + "rule add " + rule,
                ip(mode) + "rule delete " + rule + "; " + ip(mode) + "route flush table 1000");

        assertCause(diagnose(), Check.RULES, Reason.NO_ROUTE_TO_REMOTE, "100: lookup 1000", "dev under0");
    }

    @ParameterizedTest
    @EnumSource
    void no_route_to_the_remote(TunnelMode mode) {
        String remote = mode.outer() == IpFamily.IPV4 ? "198.18.1.1" : "3fff:1::1";
        node.program(tunnel("tun", mode).parent(Optional.empty()).remote(remote));

        assertCause(diagnose(), Check.ROUTE, Reason.NO_ROUTE_TO_REMOTE, "no route to " + remote);
    }

    @ParameterizedTest
    @EnumSource
    void a_blackhole_on_the_way_to_the_remote(TunnelMode mode) {
        node.program(tunnel("tun", mode).parent(Optional.empty()));
        shell(ip(mode) + "route add blackhole " + remote(mode), ip(mode) + "route delete blackhole " + remote(mode));

        assertCause(diagnose(), Check.ROUTE, Reason.NO_ROUTE_TO_REMOTE, "type blackhole");
    }

    @Test
    void no_route_by_the_parent_which_makes_the_kernel_look_for_the_remote_on_the_link() {
        node.program(tunnel("tun", TunnelMode.IPIP).remote("198.18.1.1"));

        Diagnosis diagnosis = diagnose();

        assertThat(diagnosis.rootCause()).isEmpty();
        assertThat(diagnosis.summary()).contains("route: no route leads to 198.18.1.1 by under0");
    }

    @ParameterizedTest
    @EnumSource(names = {"IPIP", "IP6IP6"})
    void a_route_to_the_remote_that_leads_into_the_tunnel(TunnelMode mode) {
        node.program(tunnel("tun", mode).parent(Optional.empty()));
        shell(ip(mode) + "route add " + remote(mode) + " dev tun");

        assertCause(diagnose(), Check.ROUTE, Reason.ROUTE_LOOP, "into the tunnel itself");
    }

    @Test
    void a_way_that_leads_round_through_another_tunnel() {
        Iproute2.batch("route add default via 192.0.2.2 dev under0");
        node.program(tunnel("tun", TunnelMode.IPIP)
                .parent(Optional.empty())
                .remote("198.18.1.1")
                .addresses()
                .routes(route("198.18.2.0/24", 0)));
        node.program(tunnel("two", TunnelMode.IPIP)
                .parent(Optional.empty())
                .remote("198.18.2.1")
                .addresses());
        Iproute2.batch("route add 198.18.1.0/24 dev two");

        assertCause(diagnose(), Check.ROUTE, Reason.ROUTE_LOOP, "into two", "come back");
    }

    @ParameterizedTest
    @EnumSource
    void an_mtu_that_does_not_fit_through_the_parent(TunnelMode mode) {
        node.program(tunnel("tun", mode));
        Iproute2.batch("link set under0 mtu 1400");

        assertCause(diagnose(), Check.MTU, "through 1400 (of under0)");
    }

    @ParameterizedTest
    @EnumSource
    void an_mtu_that_does_not_fit_through_the_route(TunnelMode mode) {
        node.program(tunnel("tun", mode));
        shell(ip(mode) + "route add " + remote(mode) + " dev under0 mtu 1400");

        assertCause(diagnose(), Check.MTU, "through 1400 (of the route)");
    }

    @ParameterizedTest
    @EnumSource(names = {"SIT", "IP6IP6"})
    void ipv6_that_is_disabled_on_the_tunnel(TunnelMode mode) {
        node.program(tunnel("tun", mode));
        shell("echo 1 > /proc/sys/net/ipv6/conf/tun/disable_ipv6");

        assertCause(diagnose(), Check.IPV6, Reason.IPV6_DISABLED, "tun.disable_ipv6 is 1");
        assertCause(diagnose(tunnel("tun", mode)), Check.IPV6, Reason.IPV6_DISABLED, "tun.disable_ipv6 is 1");
    }

    @ParameterizedTest
    @EnumSource
    void an_address_that_somebody_removed(TunnelMode mode) {
        node.program(tunnel("tun", mode));
        shell("ip address delete " + (mode.inner() == IpFamily.IPV4 ? "10.9.0.1/30" : "fd09::1/64") + " dev tun");

        assertCause(diagnose(tunnel("tun", mode)), Check.ADDRESSES, "missing");
    }

    @ParameterizedTest
    @EnumSource
    void the_route_of_an_address_that_somebody_removed(TunnelMode mode) {
        node.program(tunnel("tun", mode));
        shell((mode.inner() == IpFamily.IPV4 ? "ip route delete 10.9.0.0/30" : "ip -6 route delete fd09::/64")
                + " dev tun");

        assertCause(diagnose(), Check.ADDRESSES, "routes that the kernel made for its addresses are gone");
    }

    @Test
    void a_route_that_would_take_over_a_protected_network() {
        DesiredTunnelBuilder desired = tunnel("tun", TunnelMode.IPIP).routes(route("10.96.1.0/24", 0));
        node.program(desired);

        assertCause(diagnose(desired), Check.ADDRESSES, Reason.ROUTE_WOULD_ISOLATE_NODE, "a protected network");
    }

    @Test
    void a_route_of_another_program_that_comes_first() {
        node.program(tunnel("tun", TunnelMode.IPIP).routes(route("10.66.0.0/16", 50)));
        Iproute2.batch("route add 10.66.0.0/16 via 192.0.2.2 dev under0 metric 5");

        assertCause(diagnose(), Check.DETOURS, "10.66.0.0/16 via 192.0.2.2 dev under0", "leave by under0");
    }

    @Test
    void a_reverse_path_filter_that_drops_packets() {
        Peer.tunnel(TunnelMode.IPIP);
        Peer.run("address add 10.67.0.1/32 dev lo");
        node.program(tunnel("tun", TunnelMode.IPIP));
        shell("echo 1 > /proc/sys/net/ipv4/conf/all/rp_filter", "echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter");

        Diagnosis diagnosis = diagnose(Optional.empty(), () -> Peer.ping("-I", "10.67.0.1", "10.9.0.1"));

        assertCause(diagnosis, Check.REVERSE_PATH, "reverse path filter drops packets", "tun 1");
    }

    @Test
    void packets_for_others_that_the_node_does_not_forward() {
        Peer.tunnel(TunnelMode.IPIP);
        Peer.run("route add 198.51.100.9 dev far");
        node.program(tunnel("tun", TunnelMode.IPIP));

        Diagnosis diagnosis = diagnose(Optional.empty(), () -> Peer.ping("198.51.100.9"));

        assertCause(diagnosis, Check.FORWARDING, "net.ipv4.conf.tun.forwarding is 0");
    }

    @Test
    void a_fallback_device_that_a_cni_uses_for_the_same_remote() {
        node.program(tunnel("tun", TunnelMode.IPIP));
        shell(
                "ip link set tunl0 up && ip route add 10.77.0.0/16 via 192.0.2.2 dev tunl0 onlink",
                "ip link set tunl0 down");

        assertCause(diagnose(), Check.FALLBACK_DEVICE, Reason.FALLBACK_IN_USE, "dev tunl0");
        assertCause(
                diagnose(tunnel("tun", TunnelMode.IPIP)), Check.FALLBACK_DEVICE, Reason.FALLBACK_IN_USE, "dev tunl0");
    }

    private static String filter(TunnelMode mode, String chain) {
        return (mode.outer() == IpFamily.IPV4 ? "iptables-legacy" : "ip6tables-legacy") + " -%s " + chain + " -p "
                + mode.protocol() + " -j DROP";
    }

    @ParameterizedTest
    @EnumSource
    void a_firewall_of_the_node_that_drops_what_it_sends(TunnelMode mode) {
        node.program(tunnel("tun", mode));
        Peer.tunnel(mode);
        shell(filter(mode, "OUTPUT").formatted("A"), filter(mode, "OUTPUT").formatted("D"));

        Diagnosis diagnosis = diagnose(Optional.empty(), () -> ping(mode));

        assertCause(
                diagnosis,
                Check.TRAFFIC,
                "this node drops the tunnel's own packets",
                "drops protocol " + mode.protocol());
    }

    @ParameterizedTest
    @EnumSource
    void a_firewall_of_the_node_that_drops_what_it_receives(TunnelMode mode) {
        node.program(tunnel("tun", mode));
        Peer.tunnel(mode);
        shell(filter(mode, "INPUT").formatted("A"), filter(mode, "INPUT").formatted("D"));

        Diagnosis diagnosis = diagnose(Optional.empty(), () -> ping(mode));

        assertCause(
                diagnosis,
                Check.TRAFFIC,
                "packets out and none in",
                "a firewall of this node seems to drop protocol " + mode.protocol() + " on its way in");
    }

    @ParameterizedTest
    @EnumSource
    void a_firewall_of_the_peer(TunnelMode mode) {
        node.program(tunnel("tun", mode));
        Peer.tunnel(mode);
        shell("ip netns exec " + Peer.NAMESPACE + " " + filter(mode, "INPUT").formatted("A"));

        Diagnosis diagnosis = diagnose(Optional.empty(), () -> ping(mode));

        assertCause(
                diagnosis,
                Check.TRAFFIC,
                "packets out and none in",
                "the peer does not answer, or protocol " + mode.protocol()
                        + " is filtered on the way or at one of the ends");
    }

    @ParameterizedTest
    @EnumSource
    void a_peer_without_a_tunnel(TunnelMode mode) {
        node.program(tunnel("tun", mode));

        Diagnosis diagnosis = diagnose(Optional.empty(), () -> ping(mode));

        assertCause(diagnosis, Check.TRAFFIC, "none in", "the peer has no tunnel");
    }

    @ParameterizedTest
    @EnumSource
    void nothing_in_the_kernel_changes(TunnelMode mode) {
        node.program(tunnel("tun", mode));
        Iproute2.interfaceNames().forEach(Iproute2::device);
        List<String> before = everything();

        examination.marked();
        diagnose();
        diagnose(tunnel("tun", mode));
        diagnose(tunnel("tun", mode).ttl(9).routes(route("10.66.0.0/16", 0)));

        assertThat(everything()).isEqualTo(before);
    }

    private static List<String> everything() {
        return Stream.of(
                        "ip -d -j link show",
                        "ip -d -j -p address show",
                        "ip -4 -d -j route show table all",
                        "ip -6 -d -j route show table all",
                        "ip -4 -j rule show",
                        "ip -6 -j rule show")
                .map(Iproute2::run)
                .map(text -> text.replaceAll("\"(expires|valid_life_time|preferred_life_time)\": ?[0-9]+", ""))
                .toList();
    }
}
