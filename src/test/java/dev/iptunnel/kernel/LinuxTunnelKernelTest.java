package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.planner.Planner;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("kernel")
class LinuxTunnelKernelTest {
    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    @ParameterizedTest
    @CsvSource({
        "IPIP, ip tunnel add twin mode ipip local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 64",
        "SIT, ip tunnel add twin mode sit local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 64",
        "IP6IP6, ip -6 tunnel add twin mode ip6ip6 local 2001:db8::1 remote 2001:db8::2 dev under0 hoplimit 64 encaplimit none",
        "IPIP6, ip -6 tunnel add twin mode ipip6 local 2001:db8::1 remote 2001:db8::2 dev under0 hoplimit 64 encaplimit none",
    })
    @Tag("differential")
    void a_tunnel_is_what_iproute2_would_have_made(TunnelMode mode, String command) {
        node.program(tunnel("tun", mode));
        JsonNode ours = Iproute2.link("tun");
        List<String> addresses = Iproute2.addresses("tun");
        Iproute2.run("ip link delete dev tun");
        Iproute2.run(command);
        Iproute2.run("ip link set twin up");

        assertThat(ours).isEqualTo(Iproute2.link("twin"));
        assertThat(addresses).containsExactly(mode.inner() == IpFamily.IPV4 ? "10.9.0.1/30" : "fd09::1/64");
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void a_tunnel_in_sync_is_left_alone(TunnelMode mode) {
        node.program(tunnel("tun", mode));
        node.operations.clear();

        node.program(tunnel("tun", mode));

        assertThat(node.operations).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void endpoints_ttl_and_parent_change_in_place(TunnelMode mode) {
        node.program(tunnel("tun", mode));
        int ifindex = Iproute2.ifindex("tun");
        boolean ipv4 = mode.outer() == IpFamily.IPV4;

        node.program(tunnel("tun", mode)
                .local(ipv4 ? "198.51.100.1" : "2001:db8:1::1")
                .remote(ipv4 ? "198.51.100.9" : "2001:db8:1::9")
                .parent("under1")
                .ttl(7));

        JsonNode data = Iproute2.link("tun").at("/linkinfo/info_data");
        assertThat(Iproute2.ifindex("tun")).isEqualTo(ifindex);
        assertThat(data.get("remote").asText()).isEqualTo(ipv4 ? "198.51.100.9" : "2001:db8:1::9");
        assertThat(data.get("ttl").asInt()).isEqualTo(7);
        assertThat(Iproute2.addresses("tun")).hasSize(1);
    }

    @Test
    void a_remote_that_becomes_any_makes_an_ipip_tunnel_anew() {
        node.program(tunnel("tun", TunnelMode.IPIP));
        int ifindex = Iproute2.ifindex("tun");

        node.program(tunnel("tun", TunnelMode.IPIP).remote("any"));

        assertThat(Iproute2.ifindex("tun")).isNotEqualTo(ifindex);
        assertThat(Iproute2.link("tun").at("/linkinfo/info_data/remote").asText())
                .isEqualTo("any");
        assertThat(Iproute2.addresses("tun")).containsExactly("10.9.0.1/30");
    }

    @ParameterizedTest
    @CsvSource({"IPIP,1480", "SIT,1480", "IP6IP6,1460", "IPIP6,1460"})
    void the_mtu_is_derived_from_the_parent_and_follows_it(TunnelMode mode, int derived) {
        node.program(tunnel("tun", mode));
        assertThat(Iproute2.link("tun").get("mtu").asInt()).isEqualTo(derived);
        Iproute2.run("ip link set under0 mtu 1400");

        node.program(tunnel("tun", mode));

        assertThat(Iproute2.link("tun").get("mtu").asInt()).isEqualTo(derived - 100);
    }

    @Test
    void what_others_change_is_put_right() {
        DesiredTunnelBuilder desired = tunnel("tun", TunnelMode.IPIP);
        node.program(desired);
        int ifindex = Iproute2.ifindex("tun");
        JsonNode before = Iproute2.link("tun");
        Iproute2.run("ip tunnel change tun ttl 9 local 192.0.2.1 remote 192.0.2.77");
        Iproute2.run("ip link set tun mtu 1300 down");
        Iproute2.run("ip address delete 10.9.0.1/30 dev tun");

        node.program(desired);

        assertThat(Iproute2.link("tun")).isEqualTo(before);
        assertThat(Iproute2.addresses("tun")).containsExactly("10.9.0.1/30");
        assertThat(Iproute2.ifindex("tun")).isEqualTo(ifindex);
    }

    @ParameterizedTest
    @EnumSource
    void a_firewall_mark_that_somebody_set_is_cleared_in_place(TunnelMode mode) {
        DesiredTunnelBuilder desired = tunnel("tun", mode);
        node.program(desired);
        JsonNode before = Iproute2.link("tun");
        int ifindex = Iproute2.ifindex("tun");
        Iproute2.run("ip link set dev tun type " + mode.driver().kind() + " fwmark 0x5");
        assertThat(Iproute2.link("tun")).isNotEqualTo(before);

        node.program(desired);

        assertThat(Iproute2.link("tun")).isEqualTo(before);
        assertThat(Iproute2.ifindex("tun")).isEqualTo(ifindex);
    }

    @Test
    void an_address_of_somebody_else_stays_and_one_of_ours_goes() {
        DesiredTunnelBuilder desired = tunnel("tun", TunnelMode.IPIP);
        node.program(desired);
        Iproute2.run("ip address add 10.77.7.7/32 dev tun");

        node.program(desired.addresses("10.9.9.9/32"));

        assertThat(Iproute2.addresses("tun")).containsExactlyInAnyOrder("10.77.7.7/32", "10.9.9.9/32");
    }

    @Test
    void an_ipv6_tunnel_that_is_taken_down_keeps_its_addresses_for_when_it_comes_up() {
        node.program(tunnel("tun", TunnelMode.SIT));
        node.program(tunnel("tun", TunnelMode.SIT).up(false));
        assertThat(Iproute2.link("tun").get("flags").toString()).doesNotContain("\"UP\"");

        node.program(tunnel("tun", TunnelMode.SIT));

        assertThat(Iproute2.addresses("tun")).containsExactly("fd09::1/64");
    }

    @Test
    void a_foreign_device_of_the_name_keeps_its_ifindex_addresses_and_flags() {
        TunnelNode.parent("tun", "203.0.113.1/24");
        String before = Iproute2.run("ip -d address show dev tun");

        assertThat(node.refusal(tunnel("tun", TunnelMode.IPIP)).reason()).isEqualTo(Reason.INTERFACE_NAME_CONFLICT);

        assertThat(Iproute2.run("ip -d address show dev tun")).isEqualTo(before);
    }

    @Test
    void a_tunnel_made_by_hand_is_not_taken_over() {
        Iproute2.run("ip tunnel add tun mode ipip local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 64");
        Iproute2.run("ip link set tun up");
        String before = Iproute2.run("ip -d address show dev tun");

        assertThat(node.refusal(tunnel("tun", TunnelMode.IPIP)).reason()).isEqualTo(Reason.INTERFACE_NAME_CONFLICT);

        assertThat(Iproute2.run("ip -d address show dev tun")).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({"IPIP,tunl0", "SIT,sit0", "IP6IP6,ip6tnl0"})
    void a_fallback_device_is_refused_whatever_its_name_is(TunnelMode mode, String fallback) {
        Iproute2.run("ip link set " + fallback + " name renamed0");
        try {
            assertThat(node.refusal(tunnel("renamed0", mode)).reason()).isEqualTo(Reason.INTERFACE_NAME_CONFLICT);
            node.program(tunnel("tun", mode));
            assertThat(node.kernel.marked()).hasSize(1);
        } finally {
            Iproute2.run("ip link set renamed0 name " + fallback);
        }
    }

    @ParameterizedTest
    @CsvSource({"IPIP,tunl0", "SIT,sit0", "IP6IP6,ip6tnl0"})
    void a_fallback_device_with_a_forged_mark_is_none_of_ours(TunnelMode mode, String fallback) {
        DesiredTunnelBuilder desired = tunnel("tun", mode);
        Iproute2.batch("link set " + fallback + " up alias '" + desired.build().mark() + "'");
        String before = Iproute2.device(fallback);
        try {
            assertThat(node.kernel.marked()).isEmpty();
            assertThat(node.kernel.markedBy(TunnelNode.MANAGER, "tun")).isEmpty();

            node.program(desired);

            assertThat(Iproute2.device(fallback)).isEqualTo(before);
            assertThat(node.kernel.marked()).extracting(ObservedLink::name).containsExactly("tun");
        } finally {
            Iproute2.batch("link set " + fallback + " down alias \"\"");
        }
    }

    @Test
    void a_parent_that_does_not_exist_is_waited_for() {
        DesiredTunnelBuilder desired = tunnel("tun", TunnelMode.IPIP);
        Iproute2.run("ip link delete dev under0");
        assertThat(node.refusal(desired).reason()).isEqualTo(Reason.PARENT_NOT_FOUND);

        TunnelNode.parent("under0", "192.0.2.1/24");
        node.program(desired);

        assertThat(Iproute2.link("tun").get("link").asText()).isEqualTo("under0");
    }

    @Test
    void a_parent_that_was_made_anew_is_bound_to_again_in_place() {
        DesiredTunnelBuilder desired = tunnel("tun", TunnelMode.SIT);
        node.program(desired);
        int ifindex = Iproute2.ifindex("tun");
        Iproute2.run("ip link delete dev under0");
        TunnelNode.parent("under0", "192.0.2.1/24", "2001:db8::1/64");

        node.program(desired);

        assertThat(Iproute2.link("tun").get("link").asText()).isEqualTo("under0");
        assertThat(Iproute2.ifindex("tun")).isEqualTo(ifindex);
    }

    @Test
    void a_tunnel_that_was_renamed_gets_its_name_back_and_all_that_it_lost_by_that() {
        DesiredTunnelBuilder desired = tunnel("tun", TunnelMode.SIT).addresses("fd00:7::1/64");
        node.program(desired);
        JsonNode before = Iproute2.link("tun");
        Iproute2.batch("link set tun down", "link set tun name other");

        node.program(desired);

        assertThat(Iproute2.exists("other")).isFalse();
        assertThat(Iproute2.link("tun")).isEqualTo(before);
        assertThat(Iproute2.addresses("tun")).contains("fd00:7::1/64");
    }

    @Test
    void only_the_tunnel_that_was_observed_is_removed() {
        node.program(tunnel("tun", TunnelMode.IPIP));
        ObservedLink link = node.kernel.marked().getFirst();
        Iproute2.run("ip link set tun alias mine-now");

        assertThatThrownBy(() -> node.kernel.execute(Planner.remove(link))).isInstanceOf(KernelException.class);

        assertThat(Iproute2.exists("tun")).isTrue();
    }

    @Test
    void a_tunnel_is_removed_and_its_neighbour_stays() {
        node.program(tunnel("tun", TunnelMode.IPIP));
        node.program(tunnel("tun6", TunnelMode.IP6IP6));

        node.kernel.markedBy(TunnelNode.MANAGER, "tun").forEach(link -> node.kernel.execute(Planner.remove(link)));

        assertThat(Iproute2.exists("tun")).isFalse();
        assertThat(Iproute2.exists("tun6")).isTrue();
    }

    @Test
    void changes_of_links_and_addresses_are_told() throws InterruptedException {
        BlockingQueue<KernelEvent> events = new LinkedBlockingQueue<>();
        node.kernel.watch(events::add);

        TunnelNode.parent("under2", "203.0.113.1/24");

        awaitTold(events, new KernelEvent.LinkChanged("under2", false));
    }

    @Test
    void a_route_of_ours_that_somebody_removes_is_told_and_those_of_others_are_not() throws InterruptedException {
        InnerRoute route = new InnerRoute(
                IpPrefix.parse(IpFamily.IPV4, "10.88.0.0/16"), Optional.empty(), InnerRoute.MAIN_TABLE, 0);
        node.program(tunnel("tun", TunnelMode.IPIP).routes(route));
        BlockingQueue<KernelEvent> events = new LinkedBlockingQueue<>();
        node.kernel.watch(events::add);
        awaitSilence(events);
        Iproute2.run("ip route add 10.99.0.0/16 dev tun proto 12");
        Iproute2.run("ip route del 10.99.0.0/16 dev tun proto 12");

        Iproute2.run("ip route del 10.88.0.0/16 dev tun");

        awaitTold(events, new KernelEvent.LinkChanged("tun", true));
        for (KernelEvent event = events.poll(1, TimeUnit.SECONDS);
                event != null;
                event = events.poll(1, TimeUnit.SECONDS)) {
            assertThat(event).isNotEqualTo(new KernelEvent.LinkChanged("tun", true));
        }
    }

    /** Until the kernel's own work on new interfaces was told, such as addresses of IPv6. */
    private static void awaitSilence(BlockingQueue<KernelEvent> events) throws InterruptedException {
        while (events.poll(1, TimeUnit.SECONDS) != null) {
            events.clear();
        }
    }

    /** What else is told before, such as of the parents' carrier, is passed over. */
    private static void awaitTold(BlockingQueue<KernelEvent> events, KernelEvent expected) throws InterruptedException {
        KernelEvent event = events.poll(60, TimeUnit.SECONDS);
        while (!expected.equals(event)) {
            assertThat(event).as("told before " + expected).isNotNull();
            event = events.poll(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void an_override_of_the_mtu_survives_a_change_of_endpoints() {
        OptionalInt mtu = OptionalInt.of(1300);
        node.program(tunnel("tun", TunnelMode.IP6IP6).mtu(mtu));

        node.program(tunnel("tun", TunnelMode.IP6IP6).mtu(mtu).remote("2001:db8::9"));

        assertThat(Iproute2.link("tun").get("mtu").asInt()).isEqualTo(1300);
    }
}
