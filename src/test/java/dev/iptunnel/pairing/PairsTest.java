package dev.iptunnel.pairing;

import static dev.iptunnel.pairing.Ends.down;
import static dev.iptunnel.pairing.Ends.end;
import static dev.iptunnel.pairing.Ends.first;
import static dev.iptunnel.pairing.Ends.notReady;
import static dev.iptunnel.pairing.Ends.second;
import static dev.iptunnel.pairing.Ends.with;
import static dev.iptunnel.pairing.Ends.withLimit;
import static dev.iptunnel.pairing.Ends.withMtu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.iptunnel.tunnel.TunnelMode;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Pitfall 30 of the fleet's design: the other end is missing, differs, or cannot be told. */
class PairsTest {
    private static Pairing of(TunnelEnd here, TunnelEnd... others) {
        return new Pairs(Stream.concat(Stream.of(here), Stream.of(others)).toList(), Ends.NODES).of(here);
    }

    private static void assertPairing(Pairing pairing, PairReason reason, String message) {
        assertThat(pairing.reason()).as(pairing.message()).isEqualTo(reason);
        assertThat(pairing.message()).contains(message);
    }

    @ParameterizedTest
    @EnumSource
    void two_ends_that_fit_are_a_pair_as_either_sees_it(TunnelMode mode) {
        assertPairing(of(first(mode), second(mode)), PairReason.PEER_READY, "IpTunnel second on node node2");
        assertPairing(of(second(mode), first(mode)), PairReason.PEER_READY, "IpTunnel first on node node1");
    }

    @ParameterizedTest
    @EnumSource
    void a_remote_that_is_a_node_without_a_tunnel_back_has_no_peer(TunnelMode mode) {
        assertPairing(of(first(mode)), PairReason.PEER_MISSING, "of mode " + mode);
        assertPairing(of(first(mode)), PairReason.PEER_MISSING, "an address of node node2");
    }

    @ParameterizedTest
    @EnumSource
    void the_tunnel_back_has_to_lead_back_here(TunnelMode mode) {
        TunnelEnd elsewhere = mode.outer() == TunnelMode.IPIP.outer()
                ? end(mode, "second", "node2", "192.0.2.2", "192.0.2.3")
                : end(mode, "second", "node2", "2001:db8::2", "2001:db8::3");

        assertPairing(of(first(mode), elsewhere), PairReason.PEER_MISSING, "node2");
    }

    @ParameterizedTest
    @CsvSource({"IPIP, SIT", "SIT, IPIP", "IP6IP6, IPIP6", "IPIP6, IP6IP6"})
    void a_tunnel_back_of_another_mode_is_named(TunnelMode mode, TunnelMode other) {
        assertPairing(
                of(first(mode), second(other)),
                PairReason.PEER_ASYMMETRIC,
                "mode: %s here, %s of IpTunnel second on node node2".formatted(mode, other));
    }

    @ParameterizedTest
    @CsvSource({"IPIP, SIT", "SIT, IPIP", "IP6IP6, IPIP6", "IPIP6, IP6IP6"})
    void a_tunnel_of_the_same_mode_is_preferred(TunnelMode mode, TunnelMode other) {
        TunnelEnd otherMode = end(
                other,
                "a",
                "node2",
                first(mode).remote().orElseThrow().getHostAddress(),
                first(mode).local().orElseThrow().getHostAddress());

        assertPairing(of(first(mode), otherMode, second(mode)), PairReason.PEER_READY, "second");
    }

    @Test
    void an_end_that_is_not_ready_is_named_with_its_reason() {
        Pairing pairing = of(first(TunnelMode.IPIP), notReady(second(TunnelMode.IPIP), "ParentNotFound"));

        assertThat(pairing)
                .isEqualTo(new Pairing(
                        PairReason.PEER_NOT_READY, "IpTunnel second on node node2 is not ready: ParentNotFound"));
    }

    @Test
    void an_end_that_is_not_ready_and_differs_is_described_wholly() {
        Pairing pairing = of(first(TunnelMode.IPIP), down(notReady(second(TunnelMode.IPIP), "ParentNotFound")));

        assertPairing(pairing, PairReason.PEER_NOT_READY, "adminState: Up here, Down there");
    }

    @Test
    void a_ready_end_is_preferred_to_one_that_is_not() {
        TunnelEnd broken = notReady(end(TunnelMode.IPIP, "a", "node2", "192.0.2.2", "192.0.2.1"), "NameConflict");

        assertPairing(of(first(TunnelMode.IPIP), broken, second(TunnelMode.IPIP)), PairReason.PEER_READY, "second");
    }

    @Test
    void unequal_MTUs_are_told_from_this_end() {
        TunnelEnd here = withMtu(first(TunnelMode.IPIP), OptionalInt.of(1460));

        assertPairing(of(here, second(TunnelMode.IPIP)), PairReason.PEER_ASYMMETRIC, "mtu: 1460 here, 1480 there");
        assertPairing(of(second(TunnelMode.IPIP), here), PairReason.PEER_ASYMMETRIC, "mtu: 1480 here, 1460 there");
    }

    @Test
    void an_MTU_that_is_not_known_is_no_difference() {
        TunnelEnd there = withMtu(second(TunnelMode.IPIP), OptionalInt.empty());

        assertPairing(of(first(TunnelMode.IPIP), there), PairReason.PEER_READY, "second");
    }

    @Test
    void unequal_encapsulation_limits_are_told() {
        TunnelEnd there = withLimit(second(TunnelMode.IP6IP6), "4");

        assertPairing(
                of(first(TunnelMode.IP6IP6), there),
                PairReason.PEER_ASYMMETRIC,
                "encapsulationLimit: none here, 4 there");
    }

    @Test
    void all_differences_are_told_at_once() {
        TunnelEnd there = down(withLimit(withMtu(second(TunnelMode.IPIP6), OptionalInt.of(1400)), "4"));

        assertThat(of(first(TunnelMode.IPIP6), there).message())
                .contains("mtu: 1480 here, 1400 there", "encapsulationLimit", "adminState: Up here, Down there");
    }

    @ParameterizedTest
    @CsvSource({
        "IPIP, 10.0.0.1/30, 10.0.0.2/30",
        "IPIP, 10.0.0.1/32 peer 10.0.0.2, 10.0.0.2/32 peer 10.0.0.1",
        "IPIP, 10.0.0.1/31, 10.0.0.0/31",
        "IPIP6, 10.0.0.1/30, 10.0.0.2/30",
        "SIT, fd00::1/64, fd00::2/64",
        "IP6IP6, fd00::1/127, fd00::/127",
    })
    void inner_addresses_in_each_others_networks_fit(TunnelMode mode, String here, String there) {
        assertPairing(of(with(first(mode), here), with(second(mode), there)), PairReason.PEER_READY, "second");
    }

    @Test
    void routes_to_each_others_addresses_fit_as_well() {
        TunnelEnd here = with(first(TunnelMode.IPIP), "10.0.0.1/32", "to 10.0.1.0/24");
        TunnelEnd there = with(second(TunnelMode.IPIP), "10.0.1.1/32", "to 0.0.0.0/0");

        assertPairing(of(here, there), PairReason.PEER_READY, "second");
    }

    @ParameterizedTest
    @CsvSource({"IPIP, 10.0.0.1/30, 10.0.0.6/30", "SIT, fd00:0:0:1::1/64, fd00:0:0:2::1/64"})
    void inner_addresses_of_different_networks_are_told(TunnelMode mode, String here, String there) {
        String other = there.substring(0, there.indexOf('/'));

        assertPairing(
                of(with(first(mode), here), with(second(mode), there)),
                PairReason.PEER_ASYMMETRIC,
                "no address or route here leads to " + other);
    }

    @Test
    void an_address_of_its_own_beside_routes_need_not_be_reached() {
        TunnelEnd here = with(first(TunnelMode.IPIP), "10.0.0.1/32", "to 10.8.0.0/16");
        TunnelEnd there = with(second(TunnelMode.IPIP), "10.0.1.1/32", "to 10.9.0.0/16");

        assertPairing(of(here, there), PairReason.PEER_READY, "second");
    }

    @Test
    void a_way_that_leads_in_one_direction_only_is_told_from_either_end() {
        TunnelEnd here = with(first(TunnelMode.IPIP), "10.0.0.1/32", "to 10.0.1.0/24");
        TunnelEnd there = with(second(TunnelMode.IPIP), "10.0.1.1/32");

        assertPairing(
                of(here, there),
                PairReason.PEER_ASYMMETRIC,
                "there is no way back, no address or route there leads to 10.0.0.1");
        assertPairing(of(there, here), PairReason.PEER_ASYMMETRIC, "no address or route here leads to 10.0.0.1");
    }

    @Test
    void the_same_inner_address_at_both_ends_is_told() {
        TunnelEnd here = with(first(TunnelMode.IPIP), "10.0.0.1/30");

        assertPairing(
                of(here, with(second(TunnelMode.IPIP), "10.0.0.1/30")),
                PairReason.PEER_ASYMMETRIC,
                "both ends have 10.0.0.1");
    }

    @Test
    void an_end_with_neither_addresses_nor_routes_has_no_way_back() {
        TunnelEnd here = with(first(TunnelMode.IPIP), "to 10.9.0.0/16");

        assertPairing(of(here, second(TunnelMode.IPIP)), PairReason.PEER_ASYMMETRIC, "there is no way back");
        assertPairing(of(second(TunnelMode.IPIP), here), PairReason.PEER_ASYMMETRIC, "nothing leads into this end");
    }

    @Test
    void an_end_that_has_only_routes_fits_one_with_addresses() {
        TunnelEnd here = with(first(TunnelMode.IPIP), "10.0.0.1/24", "to 10.9.0.0/16");

        assertPairing(of(here, with(second(TunnelMode.IPIP), "to 10.8.0.0/16")), PairReason.PEER_READY, "second");
    }

    @Test
    void a_tunnel_to_any_peer_is_the_other_end_of_each_that_sends_to_it() {
        TunnelEnd hub = end(TunnelMode.IPIP, "hub", "node2", "192.0.2.2", "any");

        assertPairing(of(first(TunnelMode.IPIP), hub), PairReason.PEER_READY, "hub");
        assertPairing(of(hub, first(TunnelMode.IPIP)), PairReason.PEER_ANY, "remote is any");
    }

    @Test
    void a_tunnel_to_any_peer_of_another_mode_is_not() {
        TunnelEnd hub = end(TunnelMode.SIT, "hub", "node2", "192.0.2.2", "any");

        assertPairing(of(first(TunnelMode.IPIP), hub), PairReason.PEER_MISSING, "node2");
    }

    @Test
    void a_tunnel_from_any_address_has_those_of_its_node() {
        TunnelEnd roaming = end(TunnelMode.IPIP, "roaming", "node1", "any", "192.0.2.2");

        assertPairing(of(roaming, second(TunnelMode.IPIP)), PairReason.PEER_READY, "second");
        assertPairing(of(second(TunnelMode.IPIP), roaming), PairReason.PEER_READY, "roaming");
    }

    @Test
    void a_tunnel_from_any_address_whose_peer_names_one_that_no_Node_lists_is_not_judged() {
        TunnelEnd roaming = end(TunnelMode.IPIP, "roaming", "node1", "any", "192.0.2.2");
        TunnelEnd there = end(TunnelMode.IPIP, "second", "node2", "192.0.2.2", "192.0.2.77");

        assertPairing(of(roaming, there), PairReason.PEER_ANY, "local is any");
    }

    @Test
    void a_remote_outside_the_cluster_is_not_judged() {
        TunnelEnd out = end(TunnelMode.IPIP, "out", "node1", "192.0.2.1", "198.51.100.1");

        assertPairing(of(out), PairReason.PEER_OUTSIDE_CLUSTER, "198.51.100.1");
    }

    @Test
    void an_external_address_of_a_node_may_be_translated_and_is_not_judged() {
        TunnelEnd out = end(TunnelMode.IPIP, "out", "node1", "192.0.2.1", "203.0.113.2");

        assertPairing(of(out), PairReason.PEER_OUTSIDE_CLUSTER, "the external address of node node2");
    }

    @Test
    void an_address_that_no_Node_lists_pairs_if_a_tunnel_has_it() {
        TunnelEnd here = end(TunnelMode.IPIP, "first", "node1", "192.0.2.1", "192.0.2.200");
        TunnelEnd there = end(TunnelMode.IPIP, "second", "node2", "192.0.2.200", "192.0.2.1");

        assertPairing(of(here, there), PairReason.PEER_READY, "second");
    }

    @Test
    void a_hub_of_ten_thousand_is_compared_without_looking_at_all_pairs() {
        List<TunnelEnd> ends = IntStream.range(0, 10_000)
                .boxed()
                .flatMap(number -> {
                    String spoke = "10.%d.%d.1".formatted(number / 250, number % 250);
                    return Stream.of(
                            end(TunnelMode.IPIP, "hub-" + number, "node1", "192.0.2.1", spoke),
                            end(TunnelMode.IPIP, "spoke-" + number, "spoke" + number, spoke, "192.0.2.1"));
                })
                .toList();
        Pairs pairs = new Pairs(ends, Ends.NODES);

        assertThat(ends).allSatisfy(end -> assertThat(pairs.of(end).reason()).isEqualTo(PairReason.PEER_READY));
    }
}
