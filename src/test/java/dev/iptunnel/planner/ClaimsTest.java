package dev.iptunnel.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.iptunnel.tunnel.DesiredTunnel;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.LocalAddress;
import dev.iptunnel.tunnel.Marks;
import dev.iptunnel.tunnel.TunnelMode;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ClaimsTest {
    private static final InetAddress LOCAL = IpFamily.IPV4.parse("192.0.2.1");

    private static DesiredTunnelBuilder tunnel(String name, String created) {
        return DesiredTunnelBuilder.of(Marks.of(name, "uid-of-" + name), TunnelMode.IPIP)
                .created("2026-01-0" + created + "T00:00:00Z");
    }

    @ParameterizedTest
    @CsvSource({"1, 2, true", "2, 1, false", "1, 1, true"})
    void the_older_object_has_precedence_and_ties_go_to_the_lower_uid(String berlins, String hamburgs, boolean first) {
        // given
        DesiredTunnel berlin = tunnel("berlin", berlins).build();
        DesiredTunnel hamburg = tunnel("hamburg", hamburgs).build();

        // when
        boolean precedes = berlin.hasPrecedenceOver(hamburg);

        // then
        assertThat(precedes).isEqualTo(first);
        assertThat(hamburg.hasPrecedenceOver(berlin)).isEqualTo(!first);
    }

    @Test
    void finds_an_older_object_of_the_same_interface_but_no_younger_one() {
        // given
        DesiredTunnel older = tunnel("berlin", "1").interfaceName("tun0").build();
        DesiredTunnel younger =
                tunnel("hamburg", "2").interfaceName("tun0").remote("192.0.2.9").build();
        Claims claims = ListedClaims.of(List.of(younger, older));

        // when
        List<Optional<DesiredTunnel>> found = List.of(claims.olderOfInterface(younger), claims.olderOfInterface(older));

        // then
        assertThat(found).containsExactly(Optional.of(older), Optional.empty());
    }

    @Test
    void endpoints_differ_by_driver_and_parent() {
        // given
        DesiredTunnel desired = tunnel("berlin", "9").build();
        Claims claims = ListedClaims.of(List.of(
                tunnel("remote", "1").remote("192.0.2.9").build(),
                tunnel("local", "1").local("192.0.2.9").build(),
                tunnel("parent", "1").parent("eth1").build(),
                DesiredTunnelBuilder.of(Marks.of("driver", "uid-of-driver"), TunnelMode.SIT)
                        .build(),
                desired));

        // when
        Optional<DesiredTunnel> older = claims.olderOfEndpoints(desired);

        // then
        assertThat(older).isEmpty();
    }

    @Test
    void both_ipv6_modes_share_their_endpoints() {
        // given
        DesiredTunnel older = DesiredTunnelBuilder.of(Marks.of("four", "uid-of-four"), TunnelMode.IPIP6)
                .created("2025-01-01T00:00:00Z")
                .build();
        DesiredTunnel desired = DesiredTunnelBuilder.of(Marks.of("six", "uid-of-six"), TunnelMode.IP6IP6)
                .build();

        // when
        Optional<DesiredTunnel> found = ListedClaims.of(List.of(older, desired)).olderOfEndpoints(desired);

        // then
        assertThat(found).contains(older);
    }

    static Stream<Arguments> holders() {
        return Stream.of(
                arguments("fixed", tunnel("hamburg", "2"), true),
                arguments("of an interface", from(new LocalAddress.OfInterface("eth0")), true),
                arguments("of the node", from(new LocalAddress.OfNode(Optional.of(LOCAL))), true),
                arguments("of a node without one", from(new LocalAddress.OfNode(Optional.empty())), false),
                arguments("fixed to another", tunnel("hamburg", "2").local("192.0.2.8"), false),
                arguments("fixed, to another remote", tunnel("hamburg", "2").remote("192.0.2.9"), false));
    }

    private static DesiredTunnelBuilder from(LocalAddress local) {
        return tunnel("hamburg", "2").local(local);
    }

    @ParameterizedTest(name = "local address {0}")
    @MethodSource("holders")
    void a_holder_still_wants_endpoints_that_its_local_source_may_give(
            String local, DesiredTunnelBuilder holder, boolean expected) {
        // given
        DesiredTunnel other = tunnel("berlin", "1").build();

        // when
        boolean wants = Claims.stillWants(holder.build(), other, Set.of(), other.parameters(LOCAL, 0));

        // then
        assertThat(wants).as(local).isEqualTo(expected);
    }
}
