package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.readiness.Readiness;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.LocalAddress;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Parents of every usual kind, with a peer at the other end of the cable below them. */
@Tag("kernel")
class ParentKindsKernelTest {
    @RegisterExtension
    @Order(1)
    final TunnelNode node = new TunnelNode();

    @RegisterExtension
    @Order(2)
    final Peer peer = new Peer();

    /** @param mtu of the parent */
    record Kind(String name, int mtu, List<String> commands) {
        Kind(String name, int mtu, String... commands) {
            this(name, mtu, List.of(commands));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Arguments> kindsAndModes() {
        return Stream.of(
                        new Kind("vlan", 1500, "link add link under0 name parent type vlan id 5"),
                        new Kind(
                                "vlan with an mtu of its own",
                                1400,
                                "link add link under0 name parent mtu 1400 type vlan id 5"),
                        new Kind(
                                "bond",
                                1500,
                                "link add parent type bond mode active-backup",
                                "link set under0 down",
                                "link set under0 master parent"),
                        new Kind("bridge", 1500, "link add parent type bridge", "link set under0 master parent"),
                        new Kind(
                                "bridge with a small mtu",
                                1320,
                                "link add parent mtu 1320 type bridge",
                                "link set under0 mtu 1320 master parent"),
                        new Kind("veth", 9000, "link set under0 mtu 9000"))
                .flatMap(kind -> Stream.of(TunnelMode.IPIP, TunnelMode.IP6IP6).map(mode -> Arguments.of(kind, mode)));
    }

    @ParameterizedTest
    @MethodSource("kindsAndModes")
    void a_tunnel_takes_its_mtu_and_address_from_the_parent_and_carries_packets_through_it(Kind kind, TunnelMode mode) {
        String parent = kind.name().equals("veth") ? "under0" : "parent";
        Iproute2.batch(Stream.of(
                        Stream.of("address flush dev under0 scope global"),
                        kind.commands().stream(),
                        Stream.of("link set under0 up"),
                        TunnelNode.configuration(parent, TunnelNode.UNDER0))
                .flatMap(commands -> commands)
                .toArray(String[]::new));
        if (kind.name().startsWith("vlan")) {
            Peer.run(
                    "address flush dev wire scope global",
                    "link add link wire name wire5 type vlan id 5",
                    "link set wire5 up",
                    "address add 192.0.2.2/24 dev wire5",
                    "address add 2001:db8::2/64 dev wire5 nodad");
        }
        Peer.tunnel(mode);
        DesiredTunnelBuilder desired = tunnel("tun", mode).parent(parent).local(new LocalAddress.OfInterface(parent));

        node.program(desired);

        assertThat(Iproute2.mtu("tun")).isEqualTo(kind.mtu() - (mode.outer() == IpFamily.IPV4 ? 20 : 40));
        assertThat(Iproute2.link("tun").get("link").asText()).isEqualTo(parent);
        assertThat(Peer.ping(Peer.inner(mode)).lost()).isZero();
        Iproute2.awaitOperState(parent, "UP");
        assertThat(Readiness.obstacle(desired.build(), node.kernel.observe(desired.build())))
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void a_tunnel_goes_through_a_member_of_a_vrf(TunnelMode mode) {
        Iproute2.batch(
                "link add vrf0 type vrf table 1100",
                "link set vrf0 up",
                "link set under0 master vrf0",
                "address replace 2001:db8::1/64 dev under0 nodad");
        Peer.tunnel(mode);
        DesiredTunnelBuilder desired = tunnel("tun", mode);

        node.program(desired);

        assertThat(Readiness.obstacle(desired.build(), node.kernel.observe(desired.build())))
                .isEmpty();
        assertThat(Iproute2.mtu("tun")).isEqualTo(mode.outer() == IpFamily.IPV4 ? 1480 : 1460);
        assertThat(Peer.ping(Peer.inner(mode)).lost()).isZero();
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void without_the_parent_a_local_address_in_a_vrf_is_not_found(TunnelMode mode) {
        Iproute2.batch(
                "link add vrf0 type vrf table 1100",
                "link set vrf0 up",
                "link set under0 master vrf0",
                "address replace 2001:db8::1/64 dev under0 nodad");
        DesiredTunnelBuilder desired = tunnel("tun", mode).parent(Optional.empty());

        node.program(desired);

        assertThat(Readiness.obstacle(desired.build(), node.kernel.observe(desired.build()))
                        .map(Refusal::reason))
                .hasValue(Reason.LOCAL_ADDRESS_NOT_FOUND);
    }
}
