package dev.iptunnel.set.member;

import static dev.iptunnel.set.member.SetBuilder.address;
import static dev.iptunnel.set.member.SetBuilder.json;
import static dev.iptunnel.set.member.SetBuilder.mesh;
import static dev.iptunnel.set.member.SetBuilder.node;
import static dev.iptunnel.set.member.SetBuilder.perNode;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.iptunnel.set.ChildTunnel;
import dev.iptunnel.set.Edge;
import dev.iptunnel.set.FleetNode;
import dev.iptunnel.set.OuterAddresses;
import dev.iptunnel.set.SetProblem;
import dev.iptunnel.set.TunnelSet;
import dev.iptunnel.set.member.Member.Standing;
import dev.iptunnel.tunnel.TunnelMode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MembersTest {
    private static final FleetNode UNLABELLED = node("b", Map.of(), List.of(), "10.0.0.2");

    @Test
    void a_selected_node_is_a_member_with_its_first_fit_address() {
        // when
        Members members = members(mesh().build(), List.of(node("a", "fd00::1", "10.0.0.1", "10.9.0.1")));

        // then
        assertThat(members.selectedMembers())
                .extracting(Member::name, Member::outer)
                .containsExactly(tuple("a", Optional.of(address("10.0.0.1"))));
        assertThat(members.selected()).isEqualTo(1);
    }

    @Test
    void another_order_of_the_nodes_addresses_changes_nothing() {
        // given
        List<ChildTunnel> children = List.of(child("a", "b", "10.0.0.1"));

        // when
        Members members = members(mesh().build(), List.of(node("a", "10.9.0.1", "10.0.0.1")), children);

        // then
        assertThat(members.selectedMembers()).extracting(Member::outer).contains(Optional.of(address("10.0.0.1")));
    }

    @Test
    void an_address_that_the_node_does_not_list_any_more_is_replaced() {
        // given
        List<ChildTunnel> children = List.of(child("a", "b", "10.0.0.1"));

        // when
        Members members = members(mesh().build(), List.of(node("a", "10.9.0.1")), children);

        // then
        assertThat(members.selectedMembers()).extracting(Member::outer).contains(Optional.of(address("10.9.0.1")));
    }

    @Test
    void an_address_outside_of_the_networks_of_the_set_is_replaced() {
        // given
        TunnelSet set =
                mesh().outer(OuterAddresses.Type.INTERNAL_IP, "10.9.0.0/16").build();

        // when
        Members members =
                members(set, List.of(node("a", "10.0.0.1", "10.9.0.1")), List.of(child("a", "b", "10.0.0.1")));

        // then
        assertThat(members.selectedMembers()).extracting(Member::outer).contains(Optional.of(address("10.9.0.1")));
    }

    @Test
    void a_node_without_a_fit_address_is_unusable_and_the_message_says_what_to_write() {
        // given
        TunnelSet set = mesh().mode(TunnelMode.IP6IP6)
                .outer(OuterAddresses.Type.INTERNAL_IP, "fd00::/64")
                .build();

        // when
        Members members = members(set, List.of(node("a", "10.0.0.1", "fd01::1")));

        // then
        assertThat(members.members()).isEmpty();
        assertThat(members.unusable())
                .containsExactly(new SetProblem(
                        "a",
                        "",
                        "NodeAddressNotFound",
                        "the Node lists InternalIP 10.0.0.1, InternalIP fd01::1; mode ip6ip6 needs an IPv6 address of type"
                                + " InternalIP in fd00::/64: write another nodeAddress, or an outerAddress for this node in"
                                + " nodeOverrides"));
    }

    @Test
    void loopback_and_link_local_addresses_are_not_fit() {
        // when
        Members members = members(mesh().build(), List.of(node("a", "127.0.0.1", "169.254.1.1", "0.0.0.0")));

        // then
        assertThat(members.unusable()).extracting(SetProblem::reason).containsExactly("NodeAddressNotFound");
    }

    @Test
    void two_nodes_with_one_address_do_not_both_get_tunnels() {
        // given
        List<FleetNode> nodes = List.of(node("a", "10.0.0.1"), node("b", "10.0.0.1"));

        // when
        Members members = members(mesh().build(), nodes, List.of(child("b", "c", "10.0.0.1")));

        // then
        assertThat(members.selectedMembers()).extracting(Member::name).containsExactly("b");
        assertThat(members.unusable()).extracting(SetProblem::reason).containsExactly("NodeAddressConflict");
    }

    @Test
    void an_override_gives_the_outer_address() {
        // when
        Members members = members(mesh().outer("a", "198.51.100.7").build(), List.of(node("a", "10.0.0.1")));

        // then
        assertThat(members.selectedMembers())
                .extracting(Member::outer)
                .containsExactly(Optional.of(address("198.51.100.7")));
    }

    @Test
    void a_template_with_a_local_address_needs_no_address_of_the_node() {
        // given
        TunnelSet set = perNode()
                .spec("{\"remote\": \"192.0.2.1\", \"localFrom\": {\"type\": \"NodeAddress\"}}")
                .build();

        // when
        Members members = members(set, List.of(node("a")));

        // then
        assertThat(members.selectedMembers()).hasSize(1);
    }

    @Test
    void a_label_that_flaps_changes_nothing_within_the_time_to_leave() {
        // given
        List<ChildTunnel> children = List.of(child("b", "a", "10.0.0.2"));
        TunnelSet set = mesh().build();
        Members first = Members.of(set, List.of(UNLABELLED), children, Set.of(), MemberMemory.NONE, 0);

        // when
        Members at59 = after(set, List.of(UNLABELLED), children, first, 59);
        Members at60 = after(set, List.of(UNLABELLED), children, at59, 60);
        Members at90 = after(set, List.of(UNLABELLED), children, at60, 90);

        // then
        assertThat(standing(first, "b")).contains(Standing.LEAVING);
        assertThat(first.lookAgain()).contains(Duration.ofSeconds(60));
        assertThat(standing(at59, "b")).contains(Standing.LEAVING);
        assertThat(standing(at60, "b")).isEmpty();
        assertThat(standing(at90, "b")).isEmpty();
    }

    @Test
    void a_label_that_came_back_starts_the_time_again() {
        // given
        List<ChildTunnel> children = List.of(child("b", "a", "10.0.0.2"));
        TunnelSet set = mesh().build();
        Members first = Members.of(set, List.of(UNLABELLED), children, Set.of(), MemberMemory.NONE, 0);

        // when
        Members back = after(set, List.of(node("b", "10.0.0.2")), children, first, 50);
        Members at70 = after(set, List.of(UNLABELLED), children, back, 70);

        // then
        assertThat(standing(back, "b")).contains(Standing.SELECTED);
        assertThat(standing(at70, "b")).contains(Standing.LEAVING);
    }

    @Test
    void a_node_whose_object_is_gone_stays_for_300_seconds_and_until_a_direct_read_confirms_it() {
        // given
        List<ChildTunnel> children = List.of(child("b", "a", "10.0.0.2"));
        TunnelSet set = mesh().build();
        Members first = Members.of(set, List.of(), children, Set.of(), MemberMemory.NONE, 0);

        // when
        Members at299 = after(set, List.of(), children, first, 299);
        Members at300 = after(set, List.of(), children, at299, 300);
        Members confirmed = Members.of(
                set,
                List.of(),
                children,
                Set.of("b", "a"),
                at300.memory(),
                Duration.ofSeconds(301).toNanos());

        // then
        assertThat(standing(at299, "b")).contains(Standing.GONE);
        assertThat(at299.toConfirm()).isEmpty();
        assertThat(standing(at300, "b")).contains(Standing.GONE);
        assertThat(at300.toConfirm()).containsExactly("a", "b");
        assertThat(confirmed.members()).isEmpty();
    }

    @Test
    void an_excluded_node_leaves_at_once() {
        // given
        TunnelSet set = mesh().excludedNode("b").build();

        // when
        Members members = members(set, List.of(node("b", "10.0.0.2")), List.of(child("b", "a", "10.0.0.2")));

        // then
        assertThat(standing(members, "b")).isEmpty();
        assertThat(members.selected()).isZero();
    }

    @Test
    void a_node_that_loses_its_address_keeps_its_tunnels_for_the_time_to_leave() {
        // when
        Members members = members(mesh().build(), List.of(node("b")), List.of(child("b", "a", "10.0.0.2")));

        // then
        assertThat(standing(members, "b")).contains(Standing.LEAVING);
        assertThat(members.unusable()).extracting(SetProblem::node).containsExactly("b");
    }

    private static Optional<Standing> standing(Members members, String name) {
        return members.members().stream()
                .filter(member -> member.name().equals(name))
                .map(Member::standing)
                .findFirst();
    }

    private static Members after(
            TunnelSet set, List<FleetNode> nodes, List<ChildTunnel> children, Members before, int seconds) {
        return Members.of(
                set,
                nodes,
                children,
                Set.of(),
                before.memory(),
                Duration.ofSeconds(seconds).toNanos());
    }

    private static Members members(TunnelSet set, List<FleetNode> nodes) {
        return members(set, nodes, List.of());
    }

    private static Members members(TunnelSet set, List<FleetNode> nodes, List<ChildTunnel> children) {
        return Members.of(set, nodes, children, Set.of(), MemberMemory.NONE, 0);
    }

    private static ChildTunnel child(String node, String peer, String local) {
        return new ChildTunnel(
                node + "-" + peer,
                "uid",
                "1",
                1,
                "uid-of-backbone",
                new Edge(node, peer),
                "r1",
                Map.of(),
                Map.of(),
                json("{\"local\": \"" + local + "\"}"),
                false,
                new ChildTunnel.Observed(1, "True", "", "", Optional.empty(), Optional.empty()));
    }
}
