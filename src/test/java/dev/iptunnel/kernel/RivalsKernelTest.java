package dev.iptunnel.kernel;

import static dev.iptunnel.kernel.TunnelNode.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.plan.Reason;
import dev.iptunnel.plan.Refusal;
import dev.iptunnel.tunnel.DeletionPolicy;
import dev.iptunnel.tunnel.DesiredTunnelBuilder;
import dev.iptunnel.tunnel.IpFamily;
import dev.iptunnel.tunnel.Mark;
import dev.iptunnel.tunnel.TunnelMode;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Objects of one node that want the same, or what another one has now. */
@Tag("kernel")
class RivalsKernelTest {
    @RegisterExtension
    final TunnelNode node = new TunnelNode();

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void of_two_with_the_same_endpoints_the_older_has_them_in_either_order(TunnelMode mode) {
        DesiredTunnelBuilder older = tunnel("older", mode);
        DesiredTunnelBuilder younger = tunnel("younger", mode).created("2026-02-02T00:00:00Z");
        node.program(younger);
        String before = Iproute2.device("younger");
        node.claim(older, younger);

        node.program(older);

        assertThat(Iproute2.parameters("older").get("local").asText()).isEqualTo(host(mode, 1));
        assertThat(Iproute2.parameters("younger").get("local").asText()).isEqualTo(parked(mode, "younger"));
        Refusal refusal = node.refusal(younger);
        assertThat(refusal.reason()).isEqualTo(Reason.ENDPOINT_CONFLICT);
        assertThat(refusal.message()).contains("\"older\", which is older");

        node.claim(younger);
        node.remove("older");
        node.program(younger);
        assertThat(Iproute2.device("younger")).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void two_that_exchange_their_endpoints_by_two_writes_do_it_in_place(TunnelMode mode) {
        DesiredTunnelBuilder older = tunnel("older", mode).remote(host(mode, 8));
        DesiredTunnelBuilder younger =
                tunnel("younger", mode).remote(host(mode, 9)).created("2026-02-02T00:00:00Z");
        Stream.of(older, younger).forEach(node::program);
        List<Integer> indexes =
                Stream.of("older", "younger").map(Iproute2::ifindex).toList();
        older.remote(host(mode, 9));
        node.claim(older, younger);
        node.program(older);
        node.refusal(younger);

        younger.remote(host(mode, 8));
        node.claim(older, younger);
        node.program(younger);

        assertThat(Stream.of("older", "younger").map(Iproute2::ifindex)).isEqualTo(indexes);
        assertThat(Iproute2.parameters("older").get("remote").asText()).isEqualTo(host(mode, 9));
        assertThat(Iproute2.parameters("younger").get("remote").asText()).isEqualTo(host(mode, 8));
        assertThat(Iproute2.parameters("younger").get("local").asText()).isEqualTo(host(mode, 1));
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void a_parked_tunnel_goes_with_its_object(TunnelMode mode) {
        DesiredTunnelBuilder older = tunnel("older", mode);
        DesiredTunnelBuilder younger = tunnel("younger", mode).created("2026-02-02T00:00:00Z");
        node.program(younger);
        node.claim(older, younger);
        node.program(older);

        node.remove("younger");

        assertThat(Iproute2.exists("younger")).isFalse();
        assertThat(Iproute2.parameters("older").get("local").asText()).isEqualTo(host(mode, 1));
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void of_two_with_the_same_interface_the_older_has_it_in_either_order(TunnelMode mode) {
        DesiredTunnelBuilder older = tunnel("older", mode).interfaceName("tun");
        DesiredTunnelBuilder younger = tunnel("younger", mode)
                .interfaceName("tun")
                .remote(host(mode, 9))
                .created("2026-02-02T00:00:00Z");
        node.program(younger);
        node.claim(older, younger);

        node.program(older);

        assertThat(Iproute2.alias("tun")).contains("name=older");
        Refusal refusal = node.refusal(younger);
        assertThat(refusal.reason()).isEqualTo(Reason.INTERFACE_NAME_CONFLICT);
        assertThat(refusal.message()).contains("\"older\", which is older");

        node.claim(younger);
        node.remove("older");
        node.program(younger);
        assertThat(Iproute2.alias("tun")).contains("name=younger");
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void of_two_with_the_same_interface_the_older_has_it_though_the_younger_was_made_anew(TunnelMode mode) {
        DesiredTunnelBuilder older = tunnel("older", mode).interfaceName("tun");
        DesiredTunnelBuilder younger =
                tunnel("younger", mode).interfaceName("tun").remote(host(mode, 9));
        node.program(younger);
        younger.created("2026-02-02T00:00:00Z")
                .mark(new Mark(TunnelNode.MANAGER, "another-uid", DeletionPolicy.DELETE, "younger"));
        node.claim(older, younger);

        node.program(older);

        assertThat(Iproute2.alias("tun")).contains("name=older");
        assertThat(node.refusal(younger).message()).contains("\"older\", which is older");
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void endpoints_that_go_round_between_tunnels_go_round_in_place(TunnelMode mode) {
        List<String> names = List.of("one", "two", "three");
        names.forEach(name -> node.program(tunnel(name, mode).remote(host(mode, 10 + names.indexOf(name)))));
        List<Integer> indexes = names.stream().map(Iproute2::ifindex).toList();
        List<DesiredTunnelBuilder> turned = names.stream()
                .map(name -> tunnel(name, mode).remote(host(mode, 10 + (names.indexOf(name) + 1) % 3)))
                .toList();
        node.claim(turned.toArray(DesiredTunnelBuilder[]::new));

        turned.forEach(node::program);

        assertThat(names.stream().map(Iproute2::ifindex)).isEqualTo(indexes);
        assertThat(names.stream()
                        .map(name -> Iproute2.parameters(name).get("remote").asText()))
                .containsExactly(host(mode, 11), host(mode, 12), host(mode, 10));
        assertThat(names.stream()
                        .map(name -> Iproute2.parameters(name).get("local").asText()))
                .containsOnly(host(mode, 1));
        node.operations.clear();
        turned.forEach(node::program);
        assertThat(node.operations).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(TunnelMode.class)
    void two_that_exchange_their_names_converge(TunnelMode mode) {
        DesiredTunnelBuilder one = tunnel("one", mode).remote(host(mode, 8));
        DesiredTunnelBuilder two = tunnel("two", mode).remote(host(mode, 9));
        Stream.of(one, two).forEach(node::program);
        one.interfaceName("two");
        two.interfaceName("one");
        node.claim(one, two);

        Stream.of(one, two).forEach(node::program);

        assertThat(Iproute2.alias("two")).contains("name=one");
        assertThat(Iproute2.alias("one")).contains("name=two");
        assertThat(Iproute2.parameters("two").get("remote").asText()).isEqualTo(host(mode, 8));
        assertThat(Iproute2.parameters("one").get("remote").asText()).isEqualTo(host(mode, 9));
        node.operations.clear();
        Stream.of(one, two).forEach(node::program);
        assertThat(node.operations).isEmpty();
        assertThat(node.kernel.marked()).hasSize(2);
    }

    private static String parked(TunnelMode mode, String name) {
        int ifindex = Iproute2.ifindex(name);
        return mode.outer() == IpFamily.IPV4
                ? "240.0." + ifindex / 256 + "." + ifindex % 256
                : "100::" + Integer.toHexString(ifindex);
    }

    private static String host(TunnelMode mode, int number) {
        return mode.outer() == IpFamily.IPV4 ? "192.0.2." + number : "2001:db8::" + number;
    }
}
