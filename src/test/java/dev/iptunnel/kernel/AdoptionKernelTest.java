package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Cases 4 and 5 of ownership: tunnels that were made by hand, or for the object's predecessor, are taken over. */
@Tag("kernel")
class AdoptionKernelTest {
    private static final String IPIP =
            "link add tun type ipip mode ipip local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 64";
    private static final String SIT =
            "link add tun type sit mode ip6ip local 192.0.2.1 remote 192.0.2.2 dev under0 ttl 64";
    private static final String IP6IP6 = "link add tun type ip6tnl mode ip6ip6 local 2001:db8::1 remote 2001:db8::2 dev"
            + " under0 hoplimit 64 encaplimit none";
    private static final String IPIP6 =
            "link add tun type ip6tnl mode ipip6 local 2001:db8::1 remote 2001:db8::2 dev under0 hoplimit 64 encaplimit none";

    @RegisterExtension
    @Order(1)
    final TunnelNode node = new TunnelNode();

    @RegisterExtension
    @Order(2)
    final Peer peer = new Peer();

    @ParameterizedTest
    @CsvSource({
        "IPIP, 10.9.0.1/30, " + IPIP,
        "SIT, fd09::1/64, " + SIT,
        "IP6IP6, fd09::1/64, " + IP6IP6,
        "IPIP6, 10.9.0.1/30, " + IPIP6
    })
    void an_identical_tunnel_made_by_hand_is_taken_over_without_a_packet_lost(
            TunnelMode mode, String address, String command) {
        Iproute2.batch(command, "link set tun up", "address add " + address + " dev tun");
        Peer.tunnel(mode);
        int ifindex = Iproute2.ifindex("tun");
        assertThat(node.refusal(tunnel("tun", mode)).message()).contains("set spec.adoptionPolicy: IfIdentical");

        Pings pings = Peer.pingWhile(
                Peer.inner(mode), () -> node.program(tunnel("tun", mode).adoptIfIdentical()));

        assertThat(pings.lost()).as(pings.toString()).isZero();
        assertThat(Iproute2.ifindex("tun")).isEqualTo(ifindex);
        assertThat(Iproute2.alias("tun")).contains("uid=uid-of-tun");
        assertThat(node.operations)
                .isEqualTo(
                        mode.inner() == IpFamily.IPV6
                                ? List.of("ClearInet6Conf 0", "ClearInet6Conf 0", "SetLink 0")
                                : List.of("SetLink 0"));
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void an_object_made_anew_takes_its_tunnel_over_without_a_packet_lost(TunnelMode mode) {
        node.program(tunnel("tun", mode));
        Peer.tunnel(mode);
        int ifindex = Iproute2.ifindex("tun");
        Mark anew = new Mark(TunnelNode.MANAGER, "another-uid", DeletionPolicy.DELETE, "tun");

        Pings pings = Peer.pingWhile(
                Peer.inner(mode), () -> node.program(tunnel("tun", mode).mark(anew)));

        assertThat(pings.lost()).as(pings.toString()).isZero();
        assertThat(Iproute2.ifindex("tun")).isEqualTo(ifindex);
        assertThat(Iproute2.alias("tun")).isEqualTo(anew.toString());
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void a_tunnel_of_the_cluster_before_it_was_rebuilt_is_taken_over_without_a_packet_lost(TunnelMode mode) {
        Mark former =
                new Mark("99999999-2222-3333-4444-555555555555", "former-uid", DeletionPolicy.DELETE, "former-name");
        node.program(tunnel("tun", mode).mark(former).interfaceName("tun"));
        Peer.tunnel(mode);
        int ifindex = Iproute2.ifindex("tun");
        assertThat(node.refusal(tunnel("tun", mode).adoptIfIdentical()).message())
                .contains(
                        "the IpTunnel \"former-name\" (uid former-uid) of manager 99999999-2222-3333-4444-555555555555")
                .contains("ip link set dev tun alias \"\"");

        Pings pings = Peer.pingWhile(Peer.inner(mode), () -> {
            Iproute2.batch("link set dev tun alias \"\"");
            node.program(tunnel("tun", mode).adoptIfIdentical());
        });

        assertThat(pings.lost()).as(pings.toString()).isZero();
        assertThat(Iproute2.ifindex("tun")).isEqualTo(ifindex);
        assertThat(Iproute2.alias("tun")).contains("uid=uid-of-tun");
        node.program(tunnel("tun", mode).addresses());
        assertThat(Iproute2.addresses("tun")).as("they are ours").isEmpty();
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void a_tunnel_of_an_object_for_the_former_name_of_the_node_is_named_and_kept(TunnelMode mode) {
        Mark former = new Mark(TunnelNode.MANAGER, "former-uid", DeletionPolicy.DELETE, "former-name");
        node.program(tunnel("tun", mode).mark(former).interfaceName("tun"));
        String before = Iproute2.device("tun");

        assertThat(node.refusal(tunnel("tun", mode)).message())
                .contains("the IpTunnel \"former-name\" (uid former-uid)")
                .contains("names another node (this node was renamed)");

        assertThat(Iproute2.device("tun")).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource(names = {"IP6IP6", "IPIP6"})
    void an_object_made_anew_with_the_other_inner_protocol_leaves_no_route_of_its_tunnel(TunnelMode mode) {
        TunnelMode other = mode == TunnelMode.IPIP6 ? TunnelMode.IP6IP6 : TunnelMode.IPIP6;
        String destination = mode.inner() == IpFamily.IPV4 ? "10.8.0.0/16" : "fd08::/48";
        IpPrefix network = IpPrefix.parse(mode.inner(), destination);
        node.program(tunnel("tun", mode).routes(new InnerRoute(network, Optional.empty(), InnerRoute.MAIN_TABLE, 0)));
        int ifindex = Iproute2.ifindex("tun");
        assertThat(Iproute2.routes(destination)).hasSize(1);

        node.program(
                tunnel("tun", other).mark(new Mark(TunnelNode.MANAGER, "another-uid", DeletionPolicy.DELETE, "tun")));

        assertThat(Iproute2.routes(destination)).isEmpty();
        assertThat(Iproute2.ifindex("tun")).isEqualTo(ifindex);
    }
}
