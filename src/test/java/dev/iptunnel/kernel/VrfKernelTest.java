package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.readiness.LeftAlone;
import dev.iptunnel.readiness.Readiness;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A tunnel that is to be in a VRF. */
@Tag("kernel")
class VrfKernelTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    @BeforeEach
    void vrfs() {
        Iproute2.batch(
                "link add red type vrf table 4000",
                "link set red up",
                "link add blue type vrf table 5000",
                "link set blue up");
    }

    @AfterEach
    void settings() {
        Iproute2.run("sysctl -q -w net.ipv6.conf.all.keep_addr_on_down=0 net.ipv6.conf.default.keep_addr_on_down=0");
    }

    private static boolean isIpv4(TunnelMode mode) {
        return mode.inner() == IpFamily.IPV4;
    }

    private static String destination(TunnelMode mode) {
        return isIpv4(mode) ? "10.50.0.0/16" : "fd50::/48";
    }

    private static String network(TunnelMode mode) {
        return isIpv4(mode) ? "10.9.0.0/30" : "fd09::/64";
    }

    private static DesiredTunnelBuilder routed(TunnelMode mode) {
        return tunnel("tun", mode)
                .routes(new InnerRoute(
                        IpPrefix.parse(mode.inner(), destination(mode)), Optional.empty(), InnerRoute.MAIN_TABLE, 0));
    }

    private static DesiredTunnelBuilder in(String vrf, TunnelMode mode) {
        return routed(mode).vrf(vrf);
    }

    private static String routes(TunnelMode mode, String table) {
        return Iproute2.run("ip -" + (isIpv4(mode) ? 4 : 6) + " route show table " + table);
    }

    private static String master() {
        return Iproute2.run("ip -d link show dev tun");
    }

    private static void assertIsIn(TunnelMode mode, String table, String... others) {
        assertThat(routes(mode, table)).contains(destination(mode), network(mode));
        for (String other : others) {
            assertThat(routes(mode, other)).doesNotContain(destination(mode)).doesNotContain(network(mode));
        }
    }

    private void programAtOnce(DesiredTunnelBuilder desired) {
        node.kernel.execute((Plan) node.plan(desired));
        assertThat(((Plan) node.plan(desired)).toString()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void it_is_made_there_with_all_that_belongs_to_it(TunnelMode mode) {
        programAtOnce(in("red", mode));

        assertThat(master()).contains("master red");
        assertIsIn(mode, "4000", "main", "5000");
        assertThat(LeftAlone.report(
                        in("red", mode).build(),
                        node.kernel.observe(in("red", mode).build())))
                .isEmpty();
        assertThat(node.obstacle(in("red", mode))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void it_is_moved_there_and_elsewhere_in_place(TunnelMode mode) {
        node.program(routed(mode));
        int ifindex = Iproute2.ifindex("tun");

        programAtOnce(in("red", mode));

        assertIsIn(mode, "4000", "main", "5000");
        programAtOnce(in("blue", mode));

        assertThat(master()).contains("master blue");
        assertIsIn(mode, "5000", "main", "4000");
        assertThat(Iproute2.ifindex("tun")).isEqualTo(ifindex);
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void it_stays_where_it_is_when_the_field_goes(TunnelMode mode) {
        node.program(in("red", mode));

        assertThat(((Plan) node.plan(routed(mode))).toString()).isEmpty();

        assertThat(LeftAlone.report(
                        routed(mode).build(), node.kernel.observe(routed(mode).build())))
                .contains("master red (vrf, table 4000)");
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void it_is_brought_back_when_somebody_takes_it_out(TunnelMode mode) {
        node.program(in("red", mode));
        Iproute2.run("ip link set tun nomaster");

        programAtOnce(in("red", mode));

        assertIsIn(mode, "4000", "main");
        Iproute2.run("ip link set tun master blue");

        programAtOnce(in("red", mode));

        assertIsIn(mode, "4000", "main", "5000");
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void addresses_that_the_kernel_keeps_when_it_goes_down_are_no_obstacle(TunnelMode mode) {
        Iproute2.run("sysctl -q -w net.ipv6.conf.all.keep_addr_on_down=1 net.ipv6.conf.default.keep_addr_on_down=1");
        node.program(routed(mode));

        programAtOnce(in("red", mode));

        assertIsIn(mode, "4000", "main");
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void it_is_made_anew_there(TunnelMode mode) {
        node.program(in("red", mode));
        Iproute2.run("ip link delete dev tun");

        node.program(in("red", mode));

        assertIsIn(mode, "4000", "main");
        Iproute2.batch("link set tun down", "link set tun name other");

        node.program(in("red", mode));

        assertIsIn(mode, "4000", "main");
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void it_is_down_while_the_vrf_is_gone(TunnelMode mode) {
        node.program(in("red", mode));
        Iproute2.run("ip link delete dev red");

        node.kernel.execute((Plan) node.plan(in("red", mode)));

        assertThat(node.refusal(in("red", mode)))
                .extracting(Refusal::reason, refusal -> refusal.reason().stalls())
                .containsExactly(Reason.VRF_NOT_FOUND, false);
        assertThat(master()).contains("state DOWN");
        assertThat(routes(mode, "main")).doesNotContain(destination(mode)).doesNotContain(network(mode));
        Iproute2.batch("link add red type vrf table 4001", "link set red up");

        programAtOnce(in("red", mode));

        assertIsIn(mode, "4001", "main", "4000");
    }

    /** Asked for or not: the kernel drops all packets of a VRF that is down. */
    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void it_is_not_ready_while_the_vrf_is_down(TunnelMode mode) throws Exception {
        BlockingQueue<KernelEvent> events = new LinkedBlockingQueue<>();
        node.program(in("red", mode));
        node.kernel.watch(events::add);
        Iproute2.run("ip link set red down");

        for (DesiredTunnelBuilder desired : List.of(in("red", mode), routed(mode))) {
            assertThat(node.obstacle(desired))
                    .hasValueSatisfying(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.VRF_DOWN));
        }
        KernelEvent event = events.poll(30, TimeUnit.SECONDS);
        // The kernel's own work on the new tunnel may be told first.
        while (new KernelEvent.LinkChanged("tun", true).equals(event)) {
            event = events.poll(30, TimeUnit.SECONDS);
        }
        assertThat(event).isEqualTo(new KernelEvent.LinkChanged("red", false));
        Iproute2.run("ip link set red up");

        assertThat(node.obstacle(in("red", mode))).isEmpty();
        assertIsIn(mode, "4000", "main");
    }

    @Test
    void it_is_not_made_while_there_is_no_vrf() {
        assertThat(node.refusal(in("green", TunnelMode.IPIP)).message())
                .contains("there is no interface \"green\" (spec.vrf)", "ip link add green type vrf table");
        assertThat(Iproute2.exists("tun")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bridge", "dummy"})
    void another_kind_of_interface_is_refused(String kind) {
        Iproute2.run("ip link add other type " + kind);

        assertThat(node.refusal(in("other", TunnelMode.IPIP)))
                .extracting(Refusal::reason, Refusal::message)
                .containsExactly(
                        Reason.INVALID_SPEC,
                        "spec.vrf: interface \"other\" is of kind " + kind
                                + " and not a VRF: write the name of a VRF on the node, or leave vrf out");
    }

    @Test
    void a_bridge_takes_no_tunnel() {
        node.program(routed(TunnelMode.IPIP));
        Iproute2.run("ip link add bridge0 type bridge");

        assertThat(catchThrowable(() -> Iproute2.run("ip link set tun master bridge0")))
                .hasMessageContaining("Invalid argument");
    }

    @Test
    void a_vrf_is_found_by_an_alternative_name() {
        Iproute2.run("ip link property add dev red altname customers");
        programAtOnce(in("customers", TunnelMode.IPIP));

        assertIsIn(TunnelMode.IPIP, "4000", "main");
        assertThat(Readiness.alternativeNames(
                        in("customers", TunnelMode.IPIP).build(),
                        node.kernel.observe(in("customers", TunnelMode.IPIP).build())))
                .contains("\"customers\" (spec.vrf) is an alternative name of interface red");
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void one_of_others_is_taken_over_only_where_it_is_in_that_vrf(TunnelMode mode) {
        node.program(in("red", mode));
        Iproute2.batch("link set tun alias \"\"");

        assertThat(node.refusal(in("blue", mode).adoptIfIdentical()).message())
                .contains("master red (vrf, table 4000), not blue");
        assertThat(((Plan) node.plan(in("red", mode).adoptIfIdentical())).operations())
                .isNotEmpty();
        Iproute2.run("ip link set tun nomaster");

        assertThat(node.refusal(in("red", mode).adoptIfIdentical()).message()).contains("no master, not red");
    }

    @Test
    void a_network_of_the_node_may_be_one_of_the_vrf_too() {
        node.program(in("red", TunnelMode.IPIP).addresses("192.0.2.50/24", "198.51.100.50/24"));

        assertThat(routes(TunnelMode.IPIP, "4000")).contains("192.0.2.0/24 dev tun", "198.51.100.0/24 dev tun");
    }

    /** As {@code ip link add}, {@code ip link set master} and so on make one. */
    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void it_is_as_iproute2_makes_it(TunnelMode mode) throws Exception {
        String type =
                switch (mode) {
                    case IPIP -> "ipip mode ipip ttl 64 pmtudisc";
                    case SIT -> "sit mode ip6ip ttl 64 pmtudisc";
                    case IP6IP6, IPIP6 -> "ip6tnl mode " + mode + " hoplimit 64 encaplimit none";
                };
        boolean outer4 = mode.outer() == IpFamily.IPV4;
        String endpoints = outer4 ? "local 192.0.2.1 remote 192.0.2.2" : "local 2001:db8::1 remote 2001:db8::2";
        programAtOnce(in("red", mode));
        List<JsonNode> ours = state(mode);
        node.remove("tun");
        Iproute2.batch(
                "link add tun type " + type + " " + endpoints + " dev under0",
                "link set tun master red",
                "link set tun up",
                "address add " + (isIpv4(mode) ? "10.9.0.1/30" : "fd09::1/64") + " dev tun",
                "route add " + destination(mode) + " dev tun table 4000");
        List<JsonNode> theirs = state(mode);

        assertThat(ours).isEqualTo(theirs);
    }

    private static List<JsonNode> state(TunnelMode mode) throws Exception {
        ObjectNode link = (ObjectNode)
                JSON.readTree(Iproute2.run("ip -d -j link show dev tun")).get(0);
        link.remove(List.of("ifindex", "ifalias", "permaddr", "min_mtu", "max_mtu"));
        JsonNode routes = JSON.readTree(Iproute2.run("ip -" + (isIpv4(mode) ? 4 : 6)
                + " -d -j route show table 4000 to root " + (isIpv4(mode) ? "10.0.0.0/8" : "fd00::/8")));
        routes.forEach(route -> ((ObjectNode) route).remove("protocol"));
        return List.of(link, routes);
    }
}
