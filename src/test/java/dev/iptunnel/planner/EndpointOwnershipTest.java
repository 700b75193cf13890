package dev.iptunnel.planner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.observation.ObservedLink;
import dev.iptunnel.observation.ParkedLocal;
import dev.iptunnel.plan.Plan;
import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.InnerRoute;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.IpPrefix;
import dev.iptunnel.tunnel.LocalAddress;
import dev.iptunnel.tunnel.Marks;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several IpTunnels on one node are planned in turn. In the end each one has what it wants, if it can have it. */
class EndpointOwnershipTest {
    private final SimulatedNode node = SimulatedNode.withEthernet();

    private static DesiredTunnelBuilder tunnel(String name, TunnelMode mode, int remote) {
        String host = mode.outer() == IpFamily.IPV4 ? "192.0.2." : "2001:db8::";
        return DesiredTunnelBuilder.of(Marks.of(name, "uid-of-" + name), mode).remote(host + remote);
    }

    /** Two rounds, as events would cause them. */
    private void reconcile(DesiredTunnelBuilder... builders) {
        List<DesiredTunnel> tunnels =
                Stream.of(builders).map(DesiredTunnelBuilder::build).toList();
        Claims claims = ListedClaims.of(tunnels);
        for (int round = 0; round < 2; round++) {
            for (DesiredTunnel tunnel : tunnels) {
                if (Planner.plan(tunnel, node.observe(tunnel), claims) instanceof Plan plan) {
                    node.apply(plan);
                }
            }
        }
    }

    private String remoteOf(String name) {
        return node.named(name)
                .flatMap(ObservedLink::tunnel)
                .map(found -> found.local() + " " + IpFamily.format(found.remote()))
                .orElse("none");
    }

    private List<Optional<Integer>> indexes(String... names) {
        return List.of(names).stream()
                .map(name -> node.named(name).map(ObservedLink::index))
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void two_tunnels_that_swap_their_endpoints_keep_their_interfaces(TunnelMode mode) {
        // given
        reconcile(tunnel("a", mode, 2), tunnel("b", mode, 3));
        List<Optional<Integer>> before = indexes("a", "b");
        String a = remoteOf("a");
        String b = remoteOf("b");

        // when
        reconcile(tunnel("a", mode, 3), tunnel("b", mode, 2));

        // then
        assertThat(List.of(remoteOf("a"), remoteOf("b"))).containsExactly(b, a);
        assertThat(indexes("a", "b")).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void a_chain_and_a_ring_of_endpoints_keep_their_interfaces(TunnelMode mode) {
        // given
        reconcile(tunnel("a", mode, 2), tunnel("b", mode, 3), tunnel("c", mode, 4));
        List<Optional<Integer>> before = indexes("a", "b", "c");
        List<String> endpoints = List.of(remoteOf("a"), remoteOf("b"), remoteOf("c"));

        // when
        reconcile(tunnel("a", mode, 3), tunnel("b", mode, 4), tunnel("c", mode, 2));

        // then
        assertThat(List.of(remoteOf("c"), remoteOf("a"), remoteOf("b"))).isEqualTo(endpoints);
        assertThat(indexes("a", "b", "c")).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void the_older_of_two_objects_gets_the_endpoints_in_either_order(boolean olderFirst) {
        // given
        DesiredTunnelBuilder older = older("old", TunnelMode.IPIP, 2);
        DesiredTunnelBuilder younger = tunnel("new", TunnelMode.IPIP, 2);

        // when
        if (olderFirst) {
            reconcile(older, younger);
        } else {
            reconcile(younger, older);
        }

        // then
        assertThat(node.named("old")).isPresent();
        assertThat(node.named("new")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void the_older_object_takes_the_endpoints_of_a_younger_one_that_came_first(boolean sameLocalSource) {
        // given
        DesiredTunnelBuilder younger = tunnel("new", TunnelMode.IPIP, 2);
        if (!sameLocalSource) {
            younger.local(new LocalAddress.OfNode(Optional.of(IpFamily.IPV4.parse("192.0.2.1"))));
        }
        reconcile(younger);
        DesiredTunnelBuilder older = older("old", TunnelMode.IPIP, 2);

        // when
        reconcile(younger, older);

        // then
        assertThat(node.named("old")).isPresent();
        assertThat(isParked("new")).isTrue();
    }

    private boolean isParked(String name) {
        return ParkedLocal.isParked(
                node.named(name).flatMap(ObservedLink::tunnel).orElseThrow().local());
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, true", "SIT, true", "IP6IP6, true", "IPIP6, true",
        "IPIP, false", "SIT, false", "IP6IP6, false", "IPIP6, false"
    })
    void two_tunnels_that_swap_their_endpoints_in_two_writes_keep_their_interfaces(
            TunnelMode mode, boolean olderFirst) {
        // given
        reconcile(older("old", mode, 2), tunnel("new", mode, 3));
        List<Optional<Integer>> before = indexes("old", "new");
        List<String> endpoints = List.of(remoteOf("old"), remoteOf("new"));
        int both = olderFirst ? 3 : 2;
        reconcile(older("old", mode, both), tunnel("new", mode, both));

        // when
        reconcile(older("old", mode, 3), tunnel("new", mode, 2));

        // then
        assertThat(List.of(remoteOf("new"), remoteOf("old"))).isEqualTo(endpoints);
        assertThat(indexes("old", "new")).isEqualTo(before);
    }

    private static DesiredTunnelBuilder older(String name, TunnelMode mode, int remote) {
        return tunnel(name, mode, remote).created("2025-01-01T00:00:00Z");
    }

    @ParameterizedTest
    @EnumSource
    void a_parked_tunnel_gets_its_endpoints_back_in_place_when_the_older_one_is_removed(TunnelMode mode) {
        // given
        boolean ipv4 = mode.inner() == IpFamily.IPV4;
        DesiredTunnelBuilder younger = tunnel("new", mode, 2)
                .addresses(ipv4 ? "10.1.0.1/24" : "fd00:1::1/64")
                .routes(new InnerRoute(
                        IpPrefix.parse(mode.inner(), ipv4 ? "10.8.0.0/16" : "fd08::/48"),
                        Optional.empty(),
                        InnerRoute.MAIN_TABLE,
                        0));
        reconcile(younger);
        ObservedLink before = node.named("new").orElseThrow();
        reconcile(younger, older("old", mode, 2));
        node.apply(Planner.remove(node.named("old").orElseThrow()));

        // when
        reconcile(younger);

        // then
        assertThat(node.named("new")).contains(before);
    }

    @ParameterizedTest
    @EnumSource
    void a_parked_tunnel_is_removed_with_its_object(TunnelMode mode) {
        // given
        DesiredTunnelBuilder younger = tunnel("new", mode, 2);
        reconcile(younger);
        reconcile(younger, older("old", mode, 2));

        // when
        node.apply(Planner.remove(node.named("new").orElseThrow()));

        // then
        assertThat(node.named("new")).isEmpty();
        assertThat(node.named("old")).isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void two_tunnels_that_swap_their_names_converge(TunnelMode mode) {
        // given
        reconcile(
                tunnel("a", mode, 2).interfaceName("tun1"), tunnel("b", mode, 3).interfaceName("tun2"));
        List<String> before = List.of(remoteOf("tun1"), remoteOf("tun2"));

        // when
        reconcile(
                tunnel("a", mode, 2).interfaceName("tun2"), tunnel("b", mode, 3).interfaceName("tun1"));

        // then
        assertThat(List.of(remoteOf("tun2"), remoteOf("tun1"))).isEqualTo(before);
        assertThat(node.all().filter(link -> link.mark().isPresent())).hasSize(2);
    }
}
