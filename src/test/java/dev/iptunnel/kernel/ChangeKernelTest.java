package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.OuterHeader;
import dev.iptunnel.tunnel.ReversePathFilter;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a change of each field does in each mode: in place, proven by the ifindex and a running ping, or made anew. */
@Tag("kernel")
class ChangeKernelTest {
    private static final OptionalInt NONE = OptionalInt.empty();
    private static final OptionalInt ZERO = OptionalInt.of(0);

    @RegisterExtension
    @Order(1)
    final TunnelNode node = new TunnelNode();

    @RegisterExtension
    @Order(2)
    final Peer peer = new Peer();

    /** @param shown that the kernel holds it, as iproute2 tells */
    record Change(String field, DesiredTunnelBuilder desired, Predicate<JsonNode> shown) {}

    private static DesiredTunnelBuilder with(TunnelMode mode, OuterHeader header) {
        return tunnel("tun", mode).outerHeader(header);
    }

    private static Predicate<JsonNode> data(String field, String value) {
        return link -> link.at("/linkinfo/info_data/" + field).asText("absent").equals(value);
    }

    private static OuterHeader header(
            int ttl, OptionalInt dscp, boolean discovery, OptionalInt limit, OptionalInt flow) {
        return new OuterHeader(ttl, dscp, discovery, limit, flow);
    }

    private static List<Change> ofEndpointNeutralFields(TunnelMode mode) {
        String network = mode.inner() == IpFamily.IPV4 ? "10.9.0.1/30" : "fd09::1/64";
        String more = mode.inner() == IpFamily.IPV4 ? "10.9.1.1/24" : "fd09:1::1/64";
        InnerRoute route = route(mode);
        Mark retained = new Mark(TunnelNode.MANAGER, "uid-of-tun", DeletionPolicy.RETAIN, "tun");
        List<Change> changes = new ArrayList<>(List.of(
                new Change("ttl", tunnel("tun", mode).ttl(7), data("ttl", "7")),
                new Change("dscp", with(mode, header(64, OptionalInt.of(46), true, NONE, ZERO)), shows("0xb8")),
                new Change(
                        "dscp inherit",
                        with(mode, header(64, NONE, true, NONE, ZERO)),
                        shows(mode.outer() == IpFamily.IPV4 ? "\"tos\":\"0x1\"" : "use_orig_tclass")),
                new Change(
                        "mtu",
                        tunnel("tun", mode).mtu(OptionalInt.of(1300)),
                        link -> link.get("mtu").asInt() == 1300),
                new Change("address added", tunnel("tun", mode).addresses(network, more), _ -> Iproute2.addresses("tun")
                        .contains(more)),
                new Change("address removed", tunnel("tun", mode), _ -> !Iproute2.addresses("tun")
                        .contains(more)),
                new Change("route added", tunnel("tun", mode).routes(route), _ -> hasRoute(route)),
                new Change("route removed", tunnel("tun", mode), _ -> !hasRoute(route)),
                new Change(
                        "reversePathFilter",
                        tunnel("tun", mode).reversePathFilter(ReversePathFilter.LOOSE),
                        _ -> Iproute2.run("sysctl -n net.ipv4.conf.tun.rp_filter")
                                .strip()
                                .equals("2")),
                new Change("deletionPolicy", tunnel("tun", mode).mark(retained), _ -> Iproute2.alias("tun")
                        .contains("Retain"))));
        if (mode.outer() == IpFamily.IPV4) {
            changes.add(new Change(
                    "pathMtuDiscovery", with(mode, header(0, ZERO, false, NONE, ZERO)), data("pmtudisc", "false")));
        } else {
            changes.add(new Change(
                    "encapsulationLimit",
                    with(mode, header(64, ZERO, true, OptionalInt.of(3), ZERO)),
                    data("encap_limit", "3")));
            changes.add(new Change(
                    "flowLabel", with(mode, header(64, ZERO, true, NONE, OptionalInt.of(5))), shows("0x00005")));
            changes.add(new Change(
                    "flowLabel inherit", with(mode, header(64, ZERO, true, NONE, NONE)), shows("use_orig_flowlabel")));
        }
        return changes;
    }

    private static InnerRoute route(TunnelMode mode) {
        return new InnerRoute(
                IpPrefix.parse(mode.inner(), mode.inner() == IpFamily.IPV4 ? "10.50.0.0/16" : "fd50::/48"),
                Optional.empty(),
                InnerRoute.MAIN_TABLE,
                0);
    }

    private static Predicate<JsonNode> shows(String text) {
        return link -> link.at("/linkinfo/info_data").toString().contains(text);
    }

    private static boolean hasRoute(InnerRoute route) {
        return !Iproute2.routes(route.destination() + " dev tun").isEmpty();
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void fields_that_the_peer_does_not_see_change_in_place_without_a_packet_lost(TunnelMode mode) {
        node.program(tunnel("tun", mode));
        Peer.tunnel(mode);
        int ifindex = Iproute2.ifindex("tun");
        List<String> wrong = new ArrayList<>();

        Pings pings = Peer.pingWhile(Peer.inner(mode), () -> {
            for (Change change : ofEndpointNeutralFields(mode)) {
                node.program(change.desired());
                if (Iproute2.ifindex("tun") != ifindex || !change.shown().test(Iproute2.link("tun"))) {
                    wrong.add(change.field() + ": " + Iproute2.device("tun"));
                }
            }
        });

        assertThat(wrong).isEmpty();
        assertThat(pings.lost()).as(pings.toString()).isZero();
    }

    /** @param anew whether the tunnel is made anew */
    record EndpointChange(String field, DesiredTunnelBuilder desired, boolean anew) {
        /** A kernel before Linux 6.2 renames no interface that is up. */
        boolean interrupts() {
            return anew
                    || (field.equals("interfaceName")
                            && !KernelRelease.running().isAtLeast(6, 2));
        }
    }

    private static List<EndpointChange> ofEndpoints(TunnelMode mode) {
        boolean ipv4 = mode.outer() == IpFamily.IPV4;
        String host = ipv4 ? "192.0.2." : "2001:db8::";
        return List.of(
                new EndpointChange("local", tunnel("tun", mode).local(host + "3"), false),
                new EndpointChange("local any", tunnel("tun", mode).local("any"), false),
                new EndpointChange("remote", tunnel("tun", mode).remote(host + "3"), false),
                new EndpointChange("remote any", tunnel("tun", mode).remote("any"), ipv4),
                new EndpointChange("parent", tunnel("tun", mode).parent("under1"), false),
                new EndpointChange("parent absent", tunnel("tun", mode).parent(Optional.empty()), false),
                new EndpointChange("adminState", tunnel("tun", mode).up(false), false),
                new EndpointChange("interfaceName", tunnel("tun", mode).interfaceName("other"), false));
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void endpoints_and_state_change_there_and_back_in_place_and_a_tunnel_made_anew_has_all_back_at_once(
            TunnelMode mode) {
        InnerRoute route = route(mode);
        DesiredTunnelBuilder before = tunnel("tun", mode).routes(route);
        node.program(before);
        String parameters = Iproute2.parameters("tun").toString();

        for (EndpointChange change : ofEndpoints(mode)) {
            int ifindex = Iproute2.ifindex("tun");
            Plan there = (Plan) node.plan(change.desired().routes(route));
            node.kernel.execute(there);
            int changed = Iproute2.ifindex(change.desired().build().interfaceName());
            Plan back = (Plan) node.plan(before);
            node.kernel.execute(back);

            assertThat(changed != ifindex).as("%s: made anew", change.field()).isEqualTo(change.anew());
            assertThat(there.disruption().isPresent()).as(change.field()).isEqualTo(change.interrupts());
            assertThat(Iproute2.ifindex("tun") != changed)
                    .as("%s and back: made anew", change.field())
                    .isEqualTo(change.anew());
            assertThat(Iproute2.parameters("tun")).as(change.field()).hasToString(parameters);
            assertThat(Iproute2.addresses("tun")).as(change.field()).hasSize(1);
            assertThat(hasRoute(route)).as(change.field()).isTrue();
            assertThat(((Plan) node.plan(before)).operations())
                    .as(change.field())
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TunnelMode.class,
            names = {"IPIP", "SIT"})
    void traffic_goes_on_after_a_tunnel_was_made_anew(TunnelMode mode) {
        node.program(tunnel("tun", mode).remote("any"));
        Peer.tunnel(mode);

        node.program(tunnel("tun", mode));

        assertThat(Peer.ping(Peer.inner(mode)).lost()).isZero();
    }
}
