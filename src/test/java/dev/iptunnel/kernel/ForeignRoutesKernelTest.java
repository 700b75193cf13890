package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.iptunnel.kernel.linux.LinuxTunnelKernel;
import dev.iptunnel.libc.NetlinkSocket;
import dev.iptunnel.netlink.Rtnetlink;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.plan.Reason;
import dev.iptunnel.planner.ListedClaims;
import dev.iptunnel.planner.Planner;
import dev.iptunnel.readiness.LeftAlone;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Routes and addresses of routing daemons and of keepalived: never replaced, never removed. */
@Tag("kernel")
class ForeignRoutesKernelTest {
    /** {@code RTPROT_KEEPALIVED}, which keepalived gives its addresses too. */
    private static final int KEEPALIVED = 18;

    /** {@code RTPROT_OVN}, which was ours in development versions. */
    private static final int OVN = 84;

    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    private static InnerRoute route(TunnelMode mode, String destination, Optional<String> gateway, long metric) {
        return new InnerRoute(IpPrefix.parse(mode.inner(), destination), gateway.map(mode.inner()::parse), 254, metric);
    }

    private static InnerRoute route(TunnelMode mode, String destination) {
        return route(mode, destination, Optional.empty(), 0);
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, 10.50.0.0/16, 10.51.0.0/16, 192.0.2.9, 186, 0",
        "IPIP, 10.50.0.0/16, 10.51.0.0/16, 192.0.2.9, 12, 77",
        "SIT, fd50::/48, fd51::/48, 2001:db8::9, 186, 1024",
        "SIT, fd50::/48, fd51::/48, 2001:db8::9, 12, 77",
    })
    void a_daemons_route_stays_and_is_reported_and_the_other_routes_are_made(
            TunnelMode mode, String theirs, String other, String gateway, int protocol, long metric) {
        Iproute2.batch(
                "route add " + theirs + " via " + gateway + " dev under0 proto " + protocol + " metric " + metric);
        List<String> before = Iproute2.routes(theirs);
        DesiredTunnelBuilder desired =
                tunnel("tun", mode).routes(route(mode, theirs, Optional.empty(), metric), route(mode, other));

        assertThatThrownBy(() -> node.program(desired))
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.reason()).isEqualTo(Reason.ROUTE_CONFLICT))
                .hasMessageContaining(theirs);

        assertThat(Iproute2.routes(theirs)).isEqualTo(before);
        assertThat(Iproute2.routes(other)).singleElement().asString().contains("dev tun proto 173");
        node.program(tunnel("tun", mode));
        assertThat(Iproute2.routes(theirs)).isEqualTo(before);
    }

    @Test
    void every_route_of_a_daemon_that_is_in_the_way_is_reported() {
        List<String> theirs = List.of("10.50.0.0/16", "10.51.0.0/16");
        theirs.forEach(route -> Iproute2.batch("route add " + route + " via 192.0.2.9 dev under0 proto bird"));
        InnerRoute[] routes =
                theirs.stream().map(route -> route(TunnelMode.IPIP, route)).toArray(InnerRoute[]::new);

        assertThatThrownBy(() -> node.program(tunnel("tun", TunnelMode.IPIP).routes(routes)))
                .isInstanceOfSatisfying(KernelException.class, e -> assertThat(e.refusals())
                        .hasSameSizeAs(theirs)
                        .allSatisfy(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.ROUTE_CONFLICT))
                        .zipSatisfy(theirs, (refusal, route) -> assertThat(refusal.message())
                                .contains(route)));
    }

    @Test
    void a_daemons_route_over_the_tunnel_itself_is_as_good_as_ours_and_stays_when_it_leaves_the_spec() {
        DesiredTunnelBuilder desired = tunnel("tun", TunnelMode.IPIP);
        node.program(desired);
        Iproute2.batch("route add 10.60.0.0/16 dev tun proto bird");
        List<String> before = Iproute2.routes("10.60.0.0/16");

        node.program(desired.routes(route(TunnelMode.IPIP, "10.60.0.0/16")));
        node.program(desired.routes());

        assertThat(Iproute2.routes("10.60.0.0/16")).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void what_others_put_on_the_interface_stays_through_changes_and_after_a_restart(TunnelMode mode) {
        boolean ipv4 = mode.inner() == IpFamily.IPV4;
        String virtual = ipv4 ? "10.77.7.7/32" : "fd77::7/128";
        String plain = ipv4 ? "10.78.7.7/32" : "fd78::7/128";
        String theirs = ipv4 ? "10.60.0.0/16" : "fd60::/48";
        String ours = ipv4 ? "10.61.0.0/16" : "fd61::/48";
        String mine = ipv4 ? "10.9.9.9/32" : "fd99::9/128";
        String network = ipv4 ? "10.9.0.1/30" : "fd09::1/64";
        node.program(tunnel("tun", mode).addresses(network, mine).routes(route(mode, ours)));
        addOfKeepalived(virtual);
        Iproute2.batch("address add " + plain + " dev tun", "route add " + theirs + " dev tun proto bird");
        List<String> foreign = foreign(theirs, virtual, plain);

        node.program(tunnel("tun", mode).addresses(network, mine).ttl(9));
        assertThat(foreign(theirs, virtual, plain)).isEqualTo(foreign);
        try (LinuxTunnelKernel restarted =
                LinuxTunnelKernel.open(List.of(), List.of(), LinuxTunnelKernel.SYSCTLS, (_, _) -> {})) {
            DesiredTunnel desired = tunnel("tun", mode).addresses().ttl(9).build();
            Plan plan = (Plan) Planner.plan(desired, restarted.observe(desired), ListedClaims.NONE);
            restarted.execute(plan);
            assertThat(LeftAlone.report(desired, restarted.observe(desired)))
                    .hasValueSatisfying(report -> assertThat(report).contains(virtual, plain, "routes of protocol 12"));
        }

        assertThat(Iproute2.addresses("tun")).doesNotContain(network, mine).contains(virtual, plain);
        assertThat(foreign(theirs, virtual, plain)).isEqualTo(foreign);
        assertThat(Iproute2.routes(ours)).isEmpty();
    }

    /** iproute2 writes no protocol of an address in all the versions that the tests meet. */
    private static void addOfKeepalived(String address) {
        add(address, KEEPALIVED);
    }

    private static void add(String address, int protocol) {
        IpPrefix prefix = IpPrefix.parse(address.contains(":") ? IpFamily.IPV6 : IpFamily.IPV4, address);
        try (Rtnetlink rtnetlink = new Rtnetlink(NetlinkSocket.open())) {
            rtnetlink
                    .changes()
                    .addAddress(
                            Iproute2.ifindex("tun"),
                            prefix.address(),
                            Optional.empty(),
                            prefix.length(),
                            OptionalInt.of(protocol));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, 10.50.0.0/16, 10.51.0.0/16, 10.52.0.1/24, 10.53.0.1/24",
        "SIT, fd50::/48, fd51::/48, fd52::1/64, fd53::1/64",
        "IP6IP6, fd50::/48, fd51::/48, fd52::1/64, fd53::1/64",
        "IPIP6, 10.50.0.0/16, 10.51.0.0/16, 10.52.0.1/24, 10.53.0.1/24"
    })
    void what_ovn_put_there_stays_and_counts_where_the_spec_asks_for_it(
            TunnelMode mode, String wanted, String other, String wantedAddress, String otherAddress) {
        node.program(tunnel("tun", mode));
        Iproute2.batch("route add " + wanted + " dev tun proto 84", "route add " + other + " dev tun proto 84");
        add(wantedAddress, OVN);
        add(otherAddress, OVN);
        List<String> before = foreign(wanted, wantedAddress, otherAddress);
        DesiredTunnelBuilder desired = tunnel("tun", mode)
                .addresses(mode.inner() == IpFamily.IPV4 ? "10.9.0.1/30" : "fd09::1/64", wantedAddress)
                .routes(route(mode, wanted));

        node.program(desired);

        assertThat(foreign(wanted, wantedAddress, otherAddress)).isEqualTo(before);
        assertThat(LeftAlone.report(desired.build(), node.kernel.observe(desired.build())))
                .hasValue("address " + otherAddress + ", routes of protocol 84");
        node.program(tunnel("tun", mode).addresses());
        assertThat(foreign(wanted, wantedAddress, otherAddress)).isEqualTo(before);
        assertThat(Iproute2.routes(other)).hasSize(1);
    }

    private static List<String> foreign(String route, String... addresses) {
        List<String> shown = new ArrayList<>(Iproute2.routes(route));
        String all = Iproute2.run("ip address show dev tun");
        List.of(addresses)
                .forEach(address -> shown.add(all.lines()
                        .filter(line -> line.contains(address))
                        .findFirst()
                        .orElse("no " + address)));
        return shown;
    }

    @Test
    void a_foreign_secondary_address_stays_when_our_primary_goes() {
        node.program(tunnel("tun", TunnelMode.IPIP).addresses("10.9.0.1/24"));
        addOfKeepalived("10.9.0.7/24");
        Iproute2.batch("address add 10.9.0.8/24 dev tun");

        node.program(tunnel("tun", TunnelMode.IPIP).addresses());

        assertThat(Iproute2.addresses("tun")).containsExactlyInAnyOrder("10.9.0.7/24", "10.9.0.8/24");
    }

    @Test
    void our_secondary_address_stays_when_our_primary_goes() {
        node.program(tunnel("tun", TunnelMode.IPIP).addresses("10.9.0.1/24", "10.9.0.2/24"));

        node.program(tunnel("tun", TunnelMode.IPIP).addresses("10.9.0.2/24"));

        assertThat(Iproute2.addresses("tun")).containsExactly("10.9.0.2/24");
        assertThat(Iproute2.routes("10.9.0.0/24")).singleElement().asString().contains("src 10.9.0.2");
    }

    @Test
    void our_secondaries_that_went_with_a_foreign_primary_come_back() {
        DesiredTunnelBuilder desired = tunnel("tun", TunnelMode.IPIP).addresses("10.9.0.2/24");
        node.program(desired.addresses());
        Iproute2.batch("address add 10.9.0.1/24 dev tun");
        node.program(desired.addresses("10.9.0.2/24"));
        Iproute2.batch("address del 10.9.0.1/24 dev tun");

        node.program(desired);

        assertThat(Iproute2.addresses("tun")).containsExactly("10.9.0.2/24");
    }

    @ParameterizedTest
    @CsvSource({"IPIP, 10.50.0.0/16, 10.99.0.1", "SIT, fd50::/48, fd99::1"})
    void a_gateway_outside_the_tunnel_is_refused_and_one_inside_is_used(
            TunnelMode mode, String destination, String outside) {
        String inside = mode == TunnelMode.IPIP ? "10.9.0.2" : "fd09::2";

        assertThatThrownBy(() ->
                        node.program(tunnel("tun", mode).routes(route(mode, destination, Optional.of(outside), 0))))
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.reason()).isEqualTo(Reason.GATEWAY_UNREACHABLE))
                .hasMessageContaining(outside);

        node.program(tunnel("tun", mode).routes(route(mode, destination, Optional.of(inside), 0)));
        assertThat(Iproute2.routes(destination)).singleElement().asString().contains("via " + inside + " dev tun");
    }
}
