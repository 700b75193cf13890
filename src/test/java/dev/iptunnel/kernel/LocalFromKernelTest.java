package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.plan.Reason;
import dev.iptunnel.readiness.Readiness;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.LocalAddress;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.Optional;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A local address that is taken from an interface, and followed. */
@Tag("kernel")
class LocalFromKernelTest {
    @RegisterExtension
    @Order(1)
    final TunnelNode node = new TunnelNode();

    @RegisterExtension
    @Order(2)
    final Peer peer = new Peer();

    private static DesiredTunnelBuilder following(TunnelMode mode) {
        return tunnel("tun", mode).local(new LocalAddress.OfInterface("under0"));
    }

    private static String local() {
        return Iproute2.parameters("tun").get("local").asText();
    }

    @Test
    void the_address_stays_while_the_parent_has_it_whatever_comes_beside_it() {
        node.program(following(TunnelMode.IPIP));
        Iproute2.batch(
                "address add 192.0.2.5/24 dev under0",
                "address add 10.5.5.5/24 dev under0",
                "address del 192.0.2.1/24 dev under0",
                "address add 10.5.5.6/24 dev under0",
                "address add 192.0.2.1/24 dev under0");
        node.operations.clear();

        node.program(following(TunnelMode.IPIP));

        assertThat(node.operations).isEmpty();
        assertThat(local()).isEqualTo("192.0.2.1");
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void a_new_address_is_followed_in_place_and_carries_packets(TunnelMode mode) {
        boolean ipv4 = mode.outer() == IpFamily.IPV4;
        node.program(following(mode));
        int ifindex = Iproute2.ifindex("tun");
        String last = ipv4 ? "192.0.2.1" : "2001:db8::1";
        String next = ipv4 ? "192.0.2.5" : "2001:db8::5";
        String length = ipv4 ? "/24" : "/64";
        Iproute2.batch("address del " + last + length + " dev under0");
        node.operations.clear();

        node.program(following(mode));

        assertThat(node.operations).as("while there is none").isEmpty();
        assertThat(local()).isEqualTo(last);
        assertThat(Readiness.obstacle(
                        following(mode).build(),
                        node.kernel.observe(following(mode).build())))
                .hasValueSatisfying(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.LOCAL_ADDRESS_NOT_FOUND));
        Iproute2.batch("address add " + next + length + " dev under0" + (ipv4 ? "" : " nodad"));

        node.program(following(mode));

        assertThat(local()).isEqualTo(next);
        assertThat(Iproute2.ifindex("tun")).isEqualTo(ifindex);
        Peer.tunnel(mode, "local " + (ipv4 ? "192.0.2.2" : "2001:db8::2") + " remote " + next);
        assertThat(Peer.ping(Peer.inner(mode)).lost()).isZero();
    }

    @Test
    void a_secondary_address_is_no_local_address() {
        Iproute2.batch("address add 192.0.2.5/24 dev under0", "address add 10.5.5.5/24 dev under0");
        node.program(following(TunnelMode.IPIP));
        // The first of a network is its primary, and takes the secondary along.
        Iproute2.batch("address del 192.0.2.1/24 dev under0");

        node.program(following(TunnelMode.IPIP));

        assertThat(local()).isEqualTo("10.5.5.5");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2001:db8::5/64 dev under0 nodad preferred_lft 0",
                "2001:db8::5/64 dev under0",
                "fe80::5/64 dev under0 nodad",
            })
    void an_address_that_does_not_last_is_no_local_address(String unfit) {
        Iproute2.batch(
                "address flush dev under0 scope global",
                "address add " + unfit,
                "address add 2001:db8::7/64 dev under0 nodad");

        node.program(following(TunnelMode.IP6IP6));

        assertThat(local()).isEqualTo("2001:db8::7");
    }

    @Test
    void a_temporary_address_is_no_local_address() {
        Iproute2.run("sysctl -q -w net.ipv6.conf.under0.use_tempaddr=2");
        Iproute2.batch(
                "address flush dev under0 scope global", "address add 2001:db8:0:5::7/64 dev under0 nodad mngtmpaddr");
        assertThat(Iproute2.run("ip -6 address show dev under0")).contains("temporary");

        node.program(following(TunnelMode.IP6IP6));

        assertThat(local()).isEqualTo("2001:db8:0:5::7");
    }

    @Test
    void a_tunnel_without_any_local_address_waits_for_one() {
        Iproute2.batch("address flush dev under0 scope global");

        assertThat(node.refusal(following(TunnelMode.IPIP)).reason()).isEqualTo(Reason.LOCAL_ADDRESS_NOT_FOUND);

        Iproute2.batch("address add 192.0.2.1/24 dev under0");
        node.program(following(TunnelMode.IPIP));
    }

    @Test
    void the_address_of_another_interface_than_the_parent_is_followed() {
        DesiredTunnelBuilder desired = tunnel("tun", TunnelMode.IPIP).local(new LocalAddress.OfInterface("under1"));
        node.program(desired);
        assertThat(local()).isEqualTo("198.51.100.1");
        int ifindex = Iproute2.ifindex("tun");
        Iproute2.batch("address del 198.51.100.1/24 dev under1", "address add 198.51.100.7/24 dev under1");

        node.program(desired);

        assertThat(local()).isEqualTo("198.51.100.7");
        assertThat(Iproute2.ifindex("tun")).isEqualTo(ifindex);
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, 192.0.2.77/32, 192.0.2.1",
        "SIT, 10.5.5.5/24, 192.0.2.1",
        "IP6IP6, fd00::1/64, 2001:db8::1",
        "IPIP6, 2001:db8::77/128, 2001:db8::1",
        "IP6IP6, 2001:db8:5::1/64, 2001:db8::1",
    })
    void the_address_that_the_kernel_would_take_for_the_remote_is_taken_whichever_is_first(
            TunnelMode mode, String other, String expected) {
        String length = mode.outer() == IpFamily.IPV4 ? "/24" : "/64";
        String nodad = mode.outer() == IpFamily.IPV4 ? "" : " nodad";
        Iproute2.batch("address flush dev under0 scope global", "address add " + other + " dev under0" + nodad);
        node.program(following(mode));
        assertThat(local()).as("while there is no better").isEqualTo(other.replaceFirst("/.*", ""));
        Iproute2.run("ip address add " + expected + length + " dev under0" + nodad);

        node.program(following(mode));

        assertThat(local()).isEqualTo(expected);
        Iproute2.batch("address del " + other + " dev under0", "address add " + other + " dev under0" + nodad);
        node.program(following(mode));
        assertThat(local()).as("when the other one is newer").isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "SIT, 192.0.2.2/32, 10.5.5.5/24, 192.0.2.1",
        "IP6IP6, 2001:db8::2/128, 2001:db8:5::5/64, 2001:db8::1",
        "IP6IP6, 2001:db8::2/128, fd00::5/64, 2001:db8::1",
        "IP6IP6, 2001:db8::2/128, 2001:db8::5/64, 2001:db8::5",
    })
    void the_source_of_the_route_to_the_remote_is_followed(
            TunnelMode mode, String remote, String other, String afterwards) {
        boolean ipv4 = mode.outer() == IpFamily.IPV4;
        String source = other.replaceFirst("/.*", "");
        node.program(following(mode));
        Iproute2.run("ip address add " + other + " dev under0" + (ipv4 ? "" : " nodad"));
        node.program(following(mode));
        assertThat(local()).isEqualTo(ipv4 ? "192.0.2.1" : "2001:db8::1");
        Iproute2.run("ip route add " + remote + " dev under0 src " + source);

        node.program(following(mode));

        assertThat(local()).isEqualTo(source);
        Iproute2.run("ip route del " + remote + " dev under0");
        node.program(following(mode));
        assertThat(local()).as("without the route").isEqualTo(afterwards);
    }

    @Test
    void the_network_of_the_gateway_decides_and_is_followed_when_the_route_changes() {
        DesiredTunnelBuilder desired = following(TunnelMode.IPIP).remote("203.0.113.9");
        Iproute2.batch("address add 10.5.5.5/24 dev under0", "route add 203.0.113.0/24 via 10.5.5.1 dev under0");
        node.program(desired);
        assertThat(local()).isEqualTo("10.5.5.5");

        Iproute2.run("ip route replace 203.0.113.0/24 via 192.0.2.2 dev under0");
        node.program(desired);

        assertThat(local()).isEqualTo("192.0.2.1");
    }

    @Test
    void the_address_of_the_node_is_used_or_waited_for() {
        DesiredTunnelBuilder none = tunnel("tun", TunnelMode.IPIP).local(new LocalAddress.OfNode(Optional.empty()));
        assertThat(node.refusal(none).reason()).isEqualTo(Reason.LOCAL_ADDRESS_NOT_FOUND);

        node.program(tunnel("tun", TunnelMode.IPIP)
                .local(new LocalAddress.OfNode(Optional.of(IpFamily.IPV4.parse("198.51.100.1")))));

        assertThat(local()).isEqualTo("198.51.100.1");
        node.program(none);
        assertThat(local()).isEqualTo("198.51.100.1");
    }
}
